using System.Globalization;

namespace CS3103P2P.Bench;

/// <summary>How often and how much.</summary>
internal sealed record BenchOptions
{
    /// <summary>Runs of each line; the table shows medians. 1 to 100, 5 by default.</summary>
    public int Runs { get; init; } = 5;

    /// <summary>MiB moved in each run. 1 to 102,400, 1,024 by default.</summary>
    public int Mib { get; init; } = 1024;

    public long Bytes => (long)Mib << 20;

    public static bool TryParse(string[] args, out BenchOptions options)
    {
        options = new BenchOptions();
        if (args.Length % 2 != 0) return false;
        foreach (string[] pair in args.Chunk(2))
        {
            if (!int.TryParse(pair[1], NumberStyles.None, CultureInfo.InvariantCulture, out int value)) return false;
            switch (pair[0])
            {
                case "--runs" when value is >= 1 and <= 100: options = options with { Runs = value }; break;
                case "--mib" when value is >= 1 and <= 102_400: options = options with { Mib = value }; break;
                default: return false;
            }
        }

        return true;
    }
}
