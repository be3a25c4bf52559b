using System.Globalization;

namespace CS3103P2P.Bench;

/// <summary>How often and how much.</summary>
internal sealed record BenchOptions
{
    /// <summary>Runs of each line; the table shows medians. 1 to 100, 5 by default.</summary>
    public int Runs { get; init; } = 5;

    /// <summary>MiB moved in each run. 1 to 102,400, 1,024 by default (10,240 of `memory`).</summary>
    public int Mib => AskedMib ?? 1024;

    /// <summary>The same, when it was asked for.</summary>
    public int? AskedMib { get; init; }

    /// <summary>Seconds for which a line of a benchmark with an emulated link is measured. 2 to 600, 10 by default.</summary>
    public int Seconds { get; init; } = 10;

    /// <summary>Entries of the tracker's registry while it writes snapshots. 1,000 to 50,000,000, 10,000,000 by default.</summary>
    public int Entries { get; init; } = 10_000_000;

    /// <summary>Prints a heading with commit and machine, so that the output can be pasted into docs/performance.md.</summary>
    public bool Markdown { get; init; }

    /// <summary>Lines whose name contains this are measured; all, when empty.</summary>
    public string Only { get; init; } = "";

    public long Bytes => (long)Mib << 20;

    /// <summary>Whether a line is to be measured.</summary>
    public bool Wants(string line) => line.Contains(Only, StringComparison.OrdinalIgnoreCase);

    public static bool TryParse(string[] args, out BenchOptions options)
    {
        options = new BenchOptions();
        for (int i = 0; i < args.Length; i++)
        {
            if (args[i] == "--markdown")
            {
                options = options with { Markdown = true };
                continue;
            }

            if (args[i] == "--only" && i + 1 < args.Length)
            {
                options = options with { Only = args[++i] };
                continue;
            }

            int value = 0;
            bool isNumber = i + 1 < args.Length && int.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out value);
            if (!isNumber) return false;
            switch (args[i++])
            {
                case "--runs" when value is >= 1 and <= 100: options = options with { Runs = value }; break;
                case "--mib" when value is >= 1 and <= 102_400: options = options with { AskedMib = value }; break;
                case "--seconds" when value is >= 2 and <= 600: options = options with { Seconds = value }; break;
                case "--entries" when value is >= 1_000 and <= 50_000_000: options = options with { Entries = value }; break;
                default: return false;
            }
        }

        return true;
    }
}
