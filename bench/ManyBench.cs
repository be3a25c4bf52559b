namespace CS3103P2P.Bench;

/// <summary>One sharer and four who fetch from it and each other at once: as fast as they can, and with every upload limited.</summary>
internal static class ManyBench
{
    private const int Getters = 4;
    private const long LimitBitsPerSecond = 200_000_000;
    private const int MaxLimitedMib = 256;

    public static async Task RunAsync(BenchOptions options)
    {
        var verdicts = new Verdicts("many");
        await RunFreeAsync(options, verdicts);
        await RunLimitedAsync(options, verdicts);
        verdicts.Print();
    }

    private static async Task RunFreeAsync(BenchOptions options, Verdicts verdicts)
    {
        double gib = options.Bytes / (double)(1 << 30) * Getters;
        var table = new Medians($"many: {options.Mib} MiB from one process to {Getters} at once", "MB/s, sum", "x libtorrent", "CPU s/GiB, all", "peak MiB of a receiver");
        await using SwarmRun swarm = await SwarmRun.StartAsync(options.Bytes);
        for (int run = 0; run < options.Runs; run++)
        {
            Measurement? libtorrent = await Libtorrent.MeasureAsync(options.Bytes, "tcp", Getters);
            SwarmFigures get = await swarm.GetAsync(Getters, 0, isWarm: true);
            table.Add("get", Rate(get.Seconds), (libtorrent?.Seconds ?? double.NaN) / get.Seconds, get.CpuSeconds / gib, get.GetterPeakBytes / (1 << 20));
            verdicts.AtLeast($"1 -> {Getters}, sum, synced, against libtorrent, not synced, x", 1.5, (libtorrent?.Seconds ?? double.NaN) / get.Seconds);
            verdicts.AtLeast($"1 -> {Getters}, sum, against libtorrent, both synced, x", 1.5, (libtorrent?.SyncedSeconds ?? double.NaN) / get.Seconds);
            if (libtorrent is not null) table.Add("libtorrent over TCP (yardstick)", Rate(libtorrent.Seconds), 1, libtorrent.CpuSeconds / gib, libtorrent.PeakBytes / (double)(1 << 20));
        }

        table.Print();
        Libtorrent.PrintWhyMissing();

        double Rate(double seconds) => options.Bytes / 1e6 * Getters / seconds;
    }

    private static async Task RunLimitedAsync(BenchOptions options, Verdicts verdicts)
    {
        long bytes = Math.Min(options.Bytes, (long)MaxLimitedMib << 20);
        double atRate = bytes * 8.0 / LimitBitsPerSecond;
        var table = new Medians(
            $"many: {bytes >> 20} MiB, every upload limited to {LimitBitsPerSecond / 1_000_000} Mbit/s; one copy at that rate takes {atRate:0.00} s", "s, the last", "x one copy at that rate");
        await using SwarmRun swarm = await SwarmRun.StartAsync(bytes);
        for (int run = 0; run < options.Runs; run++)
        {
            double one = (await swarm.GetAsync(1, LimitBitsPerSecond, isWarm: true)).Seconds;
            table.Add("1 -> 1 (how exact the limit is)", one, one / atRate);
            double many = (await swarm.GetAsync(Getters, LimitBitsPerSecond, isWarm: true)).Seconds;
            table.Add($"1 -> {Getters}", many, many / atRate);
            verdicts.AtMost($"1 -> {Getters} with every upload limited: the last, of one copy at that rate, x", 1.25, many / atRate);
        }

        table.Print();
    }
}
