using System.Globalization;

namespace CS3103P2P.Bench;

/// <summary>Memory of both sides of a `get` of 10 GiB (or `--mib`), which is run once, and of a peer with 1,000 idle connections, and what these cost.</summary>
internal static class MemoryBench
{
    private const int Connections = 1_000;
    private const int DefaultMib = 10_240;
    private const double WantedMegabytes = 150;
    private const double Megabyte = 1e6;
    private static readonly TimeSpan IdleSpan = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(BenchOptions options)
    {
        var table = new Medians("memory: most and present MB of one process", "peak MB", "MB now", "idle: processor ms a second");
        var verdicts = new Verdicts("memory");
        int mib = options.AskedMib ?? DefaultMib;
        await using SwarmRun swarm = await SwarmRun.StartAsync((long)mib << 20);
        SwarmFigures get = await swarm.GetAsync(1, 0, isWarm: false);
        table.Add($"get of {mib} MiB, one run", get.GetterPeakBytes / Megabyte, double.NaN, double.NaN);
        table.Add($"share of {mib} MiB, one run", get.SharerPeakBytes / Megabyte, double.NaN, double.NaN);
        verdicts.AtMost($"get of {mib} MiB, MB", WantedMegabytes, get.GetterPeakBytes / Megabyte);
        verdicts.AtMost($"share of {mib} MiB, MB", WantedMegabytes, get.SharerPeakBytes / Megabyte);
        for (int run = 0; run < options.Runs; run++) await MeasureIdleAsync(swarm, table, verdicts);
        table.Print();
        verdicts.Print();
    }

    private static async Task MeasureIdleAsync(SwarmRun swarm, Medians table, Verdicts verdicts)
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
        sharer.Tell("begin");
        await Task.Delay(IdleSpan);
        sharer.Tell("figures");
        ProcessorTime idle = await ProcessorTime.ReadAsync(sharer);
        double peak = await sharer.ReadNumberAsync("peak");
        table.Add("a sharer without connections", double.NaN, before / Megabyte, double.NaN);
        table.Add($"a sharer with {Connections} idle connections", peak / Megabyte, with / Megabyte, idle.Seconds * 1e3 / IdleSpan.TotalSeconds);
        verdicts.AtMost($"{Connections} idle connections, MB at the peak", WantedMegabytes, peak / Megabyte);
    }
}
