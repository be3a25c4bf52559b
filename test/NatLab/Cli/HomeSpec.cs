using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace CS3103P2P.NatLab;

/// <summary>A home as written on the command line: <c>KIND[:OPTION[,OPTION...]]</c>.</summary>
internal sealed record HomeSpec(NatKind Kind, HomeOptions Options)
{
    public const string Help = "hosts=N hairpin preserve delay=MS jitter=MS loss=PERCENT rate=MBIT";

    private const long BitsPerMegabit = 1_000_000;
    private const double PercentPerWhole = 100;

    public static bool TryParse(string text, [NotNullWhen(true)] out HomeSpec? spec)
    {
        spec = null;
        string[] parts = text.Split(':', 2);
        if (!NatKinds.TryParse(parts[0], out var kind)) return false;
        HomeOptions? options = new();
        foreach (string option in parts.Length == 2 ? parts[1].Split(',') : [])
        {
            options = Apply(options, option);
            if (options is null) return false;
        }
        spec = new HomeSpec(kind, options);
        return true;
    }

    private static HomeOptions? Apply(HomeOptions options, string option)
    {
        string[] pair = option.Split('=', 2);
        if (pair is ["hairpin"]) return options with { Hairpin = true };
        if (pair is ["preserve"]) return options with { Ports = PortAllocation.Preserve };
        string number = pair.Length == 2 ? pair[1] : "";
        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value)) return null;
        if (pair[0] == "hosts") return value is >= 1 and <= Lab.MaxHosts ? options with { Hosts = (int)value } : null;
        var link = options.Link ?? new LinkConditions();
        LinkConditions? changed = pair[0] switch
        {
            "delay" when value <= 10_000 => link with { Delay = TimeSpan.FromMilliseconds(value) },
            "jitter" when value <= 10_000 => link with { Jitter = TimeSpan.FromMilliseconds(value) },
            "loss" when value <= PercentPerWhole => link with { Loss = value / PercentPerWhole },
            "rate" when value is > 0 and <= 10_000 => link with { RateBitsPerSecond = (long)(value * BitsPerMegabit) },
            _ => null,
        };
        return changed is null ? null : options with { Link = changed };
    }
}
