using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace CS3103P2P.NatLab;

/// <summary>What a matrix of transfers covers.</summary>
public sealed record MatrixOptions
{
    /// <summary>How the command line writes it.</summary>
    public const string Help = "[--pairs A:B,A:B...] [--mib 8] [--delay MS] [--loss PERCENT] [--both] [--repeat N] [--labs N] [--logs FOLDER]";

    private const int MaxMebibytes = 4_096;
    private const int MaxDelayMilliseconds = 1_000;
    private const int MaxRepeats = 1_000;
    private const int MaxLabs = 16;
    private const double PercentPerWhole = 100;

    /// <summary>The kinds that a full matrix pairs.</summary>
    public static IReadOnlyList<NatKind> Kinds { get; } = [.. NatKinds.All.Where(kind => kind != NatKind.SymmetricAddress)];

    /// <summary>Sharer and downloader of each transfer. Default: all unordered pairs of <see cref="Kinds"/>.</summary>
    public IReadOnlyList<(NatKind Sharer, NatKind Downloader)> Pairs { get; init; } =
        [.. Kinds.SelectMany((sharer, index) => Kinds.Skip(index).Select(downloader => (sharer, downloader)))];

    /// <summary>Size of the file, in MiB.</summary>
    public int Mebibytes { get; init; } = 8;

    /// <summary>Delay and loss of both homes' links, one way each; null for plain cables.</summary>
    public LinkConditions? Link { get; init; }

    /// <summary>Whether each pair runs a second time with the parts exchanged.</summary>
    public bool BothWays { get; init; }

    /// <summary>How often each transfer runs. From 2 on, each ends as soon as data flows on a direct path.</summary>
    public int Repeats { get; init; } = 1;

    /// <summary>Laboratories that run side by side.</summary>
    public int Labs { get; init; } = 1;

    /// <summary>Every transfer, in order.</summary>
    public IEnumerable<(NatKind Sharer, NatKind Downloader)> Transfers =>
        from pair in Pairs
        from directed in BothWays && pair.Sharer != pair.Downloader ? [pair, (pair.Downloader, pair.Sharer)] : new[] { pair }
        from _ in Enumerable.Range(0, Repeats)
        select directed;

    /// <summary>Where what the programs log is written; null for nowhere.</summary>
    public string? LogFolder { get; init; }

    /// <summary>Reads the arguments of the command.</summary>
    public static bool TryParse(ReadOnlySpan<string> arguments, [NotNullWhen(true)] out MatrixOptions? options)
    {
        options = null;
        var read = new MatrixOptions();
        for (int i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] == "--both")
            {
                read = read with { BothWays = true };
                continue;
            }

            if (i + 1 == arguments.Length || read.With(arguments[i], arguments[++i]) is not { } next) return false;
            read = next;
        }

        options = read;
        return true;
    }

    private MatrixOptions? With(string name, string value)
    {
        if (name == "--pairs") return TryParsePairs(value, out var pairs) ? this with { Pairs = pairs } : null;
        if (name == "--logs") return this with { LogFolder = value };
        if (!double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)) return null;
        LinkConditions link = Link ?? new LinkConditions();
        return name switch
        {
            "--repeat" when number is >= 1 and <= MaxRepeats => this with { Repeats = (int)number },
            "--labs" when number is >= 1 and <= MaxLabs => this with { Labs = (int)number },
            "--mib" when number is >= 1 and <= MaxMebibytes => this with { Mebibytes = (int)number },
            "--delay" when number <= MaxDelayMilliseconds => this with { Link = link with { Delay = TimeSpan.FromMilliseconds(number) } },
            "--loss" when number <= PercentPerWhole => this with { Link = link with { Loss = number / PercentPerWhole } },
            _ => null,
        };
    }

    private static bool TryParsePairs(string text, out (NatKind Sharer, NatKind Downloader)[] pairs)
    {
        string[] parts = text.Split(',');
        pairs = new (NatKind Sharer, NatKind Downloader)[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (parts[i].Split(':') is not [var first, var second]) return false;
            if (!NatKinds.TryParse(first, out NatKind sharer) || !NatKinds.TryParse(second, out NatKind downloader)) return false;
            pairs[i] = (sharer, downloader);
        }

        return true;
    }
}
