using System.Globalization;

namespace CS3103P2P.Simulation;

/// <summary>What was asked for on the command line.</summary>
internal sealed record Options(string Command, int First, int Last)
{
    private const int MaxJobs = 64;
    private const int MinPeers = 2;
    private const int MaxPeers = 100;

    public bool Trace { get; private set; }

    public bool Hashes { get; private set; }

    /// <summary>Whether another run reads what this one prints: a line for each seed that is done.</summary>
    public bool IsChild { get; private set; }

    /// <summary>Processes at a time; a planted bug is looked for by one.</summary>
    public int Jobs { get; private set; } = 1;

    /// <summary>After this time no further seed is begun; null for no such limit.</summary>
    public TimeSpan? Within { get; private set; }

    /// <summary>Peers in each scenario.</summary>
    public int Peers { get; private set; } = ScenarioGenerator.DefaultPeers;

    /// <summary>What all faults are; null for what the seed says.</summary>
    public FaultKind? Faults { get; private set; }

    /// <summary>Whether all scenarios are of the long kind, which most are not.</summary>
    public bool AreLong { get; private set; }

    /// <summary>The options by which a seed has the same scenario again.</summary>
    public string[] OfScenario =>
    [
        .. Peers == ScenarioGenerator.DefaultPeers ? (string[])[] : ["--peers", Peers.ToString(CultureInfo.InvariantCulture)],
        .. Faults is { } faults ? (string[])["--faults", faults.ToString()] : [], .. AreLong ? (string[])["--long"] : [],
    ];

    public PlantedBug Plant { get; private set; }

    /// <summary>Whether to tell how full the product's tables ever were.</summary>
    public bool Tables { get; private set; }

    /// <summary>A table and a limit that is put in place of the product's; null for none.</summary>
    public (string Table, long Limit)? Limit { get; private set; }

    public IReadOnlySet<string> Without { get; private set; } = new HashSet<string>();

    /// <summary>Null when it makes no sense.</summary>
    public static Options? Parse(string[] args)
    {
        if (args.Length < 2) return null;
        int next = args[0] == "run" ? 3 : 2;
        if (args[0] is not ("run" or "replay" or "shrink") || args.Length < next || (next == 3 && args[1] != "--seeds")) return null;
        string[] range = args[next - 1].Split("..");
        if (!TryNumber(range[0], out int first) || !TryNumber(range[^1], out int last) || last < first) return null;
        var options = new Options(args[0], first, last);
        for (int i = next; i < args.Length; i++)
        {
            string? value = i + 1 < args.Length ? args[i + 1] : null;
            switch (args[i])
            {
                case "--trace": options.Trace = true; break;
                case "--hashes": options.Hashes = true; break;
                case "--tables": options.Tables = true; break;
                case "--limit" when value?.Split('=') is [{ Length: > 0 } table, string most] && TryNumber(most, out int limit): options.Limit = (table, limit); i++; break;
                case "--long": options.AreLong = true; break;
                case "--child": options.IsChild = true; break;
                case "--jobs" when value is not null && TryNumber(value, out int jobs) && jobs is > 0 and <= MaxJobs: options.Jobs = jobs; i++; break;
                case "--within" when value is not null && TryNumber(value, out int seconds): options.Within = TimeSpan.FromSeconds(seconds); i++; break;
                case "--peers" when value is not null && TryNumber(value, out int peers) && peers is >= MinPeers and <= MaxPeers: options.Peers = peers; i++; break;
                case "--faults" when Enum.TryParse(value, out FaultKind kind): options.Faults = kind; i++; break;
                case "--plant" when Enum.TryParse(value, out PlantedBug plant): options.Plant = plant; i++; break;
                case "--without" when value is not null: options.Without = value.Split(',').ToHashSet(); i++; break;
                default: return null;
            }
        }

        if (options.Plant != PlantedBug.None || options.Tables || options.Limit is not null) options.Jobs = 1;
        return options;
    }

    /// <summary>The scenario of a seed.</summary>
    public Scenario Generate(int seed)
    {
        Scenario scenario = ScenarioGenerator.Generate(seed, Peers, AreLong);
        return Faults is { } kind ? scenario with { Faults = [.. scenario.Faults.Select(fault => fault with { Kind = kind })] } : scenario;
    }

    private static bool TryNumber(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
