namespace CS3103P2P.Bench;

/// <summary>`get` of one file from one peer over loopback, verified and on disk, against `SslStream` moving as many bytes, libtorrent and aria2.</summary>
internal static class SwarmBench
{
    private const string Warm = "get, disk to disk, verified, synced";
    private const string Fresh = "get by a process that has just started";
    private const string Records = "AES-GCM records of 128 KiB over TCP, memory to memory";
    private const string LibtorrentLine = "libtorrent over TCP, disk to disk, checked, not encrypted";
    private const string Aria2Line = "aria2, disk to disk, checked, not encrypted";

    public static async Task RunAsync(BenchOptions options)
    {
        double gib = options.Bytes / (double)(1 << 30);
        double mb = options.Bytes / 1e6;
        var table = new Medians(
            $"swarm: {options.Mib} MiB from one process to another",
            "MB/s", "x SslStream", "CPU s/GiB, both sides", "steady: allocated bytes/MiB, both sides", "peak MiB of the receiver");
        var sides = new Medians("swarm: where the processor time of `get` goes, s/GiB", "sharer", "of it in the kernel", "getter", "of it in the kernel");
        await using SwarmRun swarm = await SwarmRun.StartAsync(options.Bytes);
        for (int run = 0; run < options.Runs; run++)
        {
            Measurement yardstick = await SslYardstick.MeasureAsync(options.Bytes);
            AddForeign("SslStream over TCP, memory to memory (yardstick)", yardstick);
            if (options.Wants(Records)) AddForeign(Records, await RecordYardstick.MeasureAsync(options.Bytes));
            if (options.Wants(Warm)) AddGet(Warm, await swarm.GetAsync(1, 0, isWarm: true));
            if (options.Wants(Fresh)) AddGet(Fresh, await swarm.GetAsync(1, 0, isWarm: false));
            if (options.Wants(LibtorrentLine) && await Libtorrent.MeasureAsync(options.Bytes, "tcp") is { } libtorrent) AddForeign(LibtorrentLine, libtorrent);
            if (options.Wants(Aria2Line) && await Aria2.MeasureAsync(swarm.Folder, swarm.Original) is { } aria2) AddForeign(Aria2Line, aria2);

            void AddGet(string name, SwarmFigures get)
            {
                table.Add(name, mb / get.Seconds, yardstick.Seconds / get.Seconds, get.CpuSeconds / gib, get.SteadyPerMib(options.Bytes), get.GetterPeakBytes / (1 << 20));
                sides.Add(name, get.Sharer.Seconds / gib, get.Sharer.KernelSeconds / gib, get.Getters.Seconds / gib, get.Getters.KernelSeconds / gib);
            }

            void AddForeign(string name, Measurement other) => table.Add(
                name, mb / other.Seconds, yardstick.Seconds / other.Seconds, other.CpuSeconds / gib, double.NaN, other.PeakBytes / (double)(1 << 20));
        }

        table.Print();
        sides.Print();
        Libtorrent.PrintWhyMissing();
        Aria2.PrintWhyMissing();
    }
}
