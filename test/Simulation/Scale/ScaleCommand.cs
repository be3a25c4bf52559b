using System.Globalization;
using CS3103P2P.Stun;

namespace CS3103P2P.Simulation;

/// <summary>Measures pairs and nodes on packets, then runs swarms of growing size, and writes tables and curves.</summary>
internal static class ScaleCommand
{
    /// <summary>How often each pair of homes is tried, unless it is asked for otherwise.</summary>
    public const int TriesOfAPair = 10;

    private static readonly int[] Sizes = [100, 1_000, 10_000];
    private static readonly TimeSpan FullRelayDuration = TimeSpan.FromMinutes(4);

    /// <summary>Runs all sizes up to the largest.</summary>
    /// <param name="output">Where the tables go.</param>
    /// <param name="document">Whose figures and picture are to be written anew; null for none.</param>
    /// <param name="largest">The largest size.</param>
    /// <param name="runs">How often each pair of homes is tried.</param>
    public static async Task<int> RunAsync(TextWriter output, string? document, int largest, int runs)
    {
        PairTable pairs = await PairTable.MeasureAsync(runs);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{pairs.All.Count()} pairs of homes were tried on packets."));
        NodeProbe node = await NodeProbe.RunAsync(seed: 1);
        var results = new List<ScaleResult>();
        foreach (int size in Sizes.Where(size => size <= Math.Max(largest, Sizes[0]))) results.Add(await RunAsync(output, new ScaleSetting(size) { Duration = DurationOf(size) }, pairs, node));
        var fullRelay = new List<ScaleResult>();
        int allowed = new TurnServerOptions { SharedSecret = VirtualRelay.Secret }.MaxAllocations;
        if (results[^1].Setting is { } last && last.Peers > allowed)
            fullRelay.Add(await RunAsync(output, last with { RelayAllocations = allowed, Duration = FullRelayDuration }, pairs, node));
        var report = new ScaleReport(pairs, node, results, fullRelay);
        if (document is not null) await report.WriteAsync(document);
        await output.WriteLineAsync(report.Tables());
        return 0;
    }

    // The largest swarms take long; a third of an hour shows the crowd of the beginning and what comes after it.
    private static TimeSpan DurationOf(int size) => size < Sizes[^1] ? TimeSpan.FromHours(1) : TimeSpan.FromMinutes(20);

    private static async Task<ScaleResult> RunAsync(TextWriter output, ScaleSetting setting, PairTable pairs, NodeProbe node)
    {
        await Task.Yield();   // nothing of the run before is on the stack any more
        ScaleResult result = await new ScaleRun(setting, pairs, node).RunAsync();
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{setting.Peers} peers, relay of {setting.RelayAllocations}: {result.WallSeconds:F0} s."));
        return result;
    }
}
