using System.Globalization;

namespace CS3103P2P.Bench;

/// <summary>Memory of both sides of a `get`, whose size is `--mib` (10240 for the figure of 10 GiB), and of a peer with 1,000 idle connections.</summary>
internal static class MemoryBench
{
    private const int Connections = 1_000;

    public static async Task RunAsync(BenchOptions options)
    {
        var table = new Medians("memory: most and present MiB of one process", "peak MiB", "MiB now");
        for (int run = 0; run < options.Runs; run++)
        {
            await using SwarmRun swarm = await SwarmRun.StartAsync(options.Bytes);
            SwarmFigures get = await swarm.GetAsync(1, 0, isWarm: false);
            table.Add($"get of {options.Mib} MiB", get.GetterPeakBytes / (1 << 20), double.NaN);
            table.Add($"share of {options.Mib} MiB", get.SharerPeakBytes / (1 << 20), double.NaN);
            await MeasureIdleAsync(swarm, table);
        }

        table.Print();
    }

    private static async Task MeasureIdleAsync(SwarmRun swarm, Medians table)
    {
        string small = Path.Combine(swarm.Folder, "small.bin");
        SwarmRun.WriteRandomFile(small, 1 << 20, seed: 3);
        using Child sharer = Child.Start("swarm-share", swarm.Tracker, "0", (Connections + 100).ToString(CultureInfo.InvariantCulture), small);
        string port = await sharer.ReadAsync("sharing");
        sharer.Tell("memory");
        double before = await sharer.ReadNumberAsync("rss");
        using Child crowd = Child.Start("crowd", port, Connections.ToString(CultureInfo.InvariantCulture), Path.GetFileName(small));
        await crowd.ReadAsync("idle");
        sharer.Tell("memory");
        double with = await sharer.ReadNumberAsync("rss");
        sharer.Tell("figures");
        double peak = await sharer.ReadNumberAsync("peak");
        table.Add("a sharer without connections", double.NaN, before / (1 << 20));
        table.Add($"a sharer with {Connections} idle connections", peak / (1 << 20), with / (1 << 20));
    }
}
