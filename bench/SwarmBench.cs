namespace CS3103P2P.Bench;

/// <summary>`get` of one file from one peer over loopback, verified and on disk, against `SslStream` moving as many bytes, libtorrent and aria2.</summary>
internal static class SwarmBench
{
    private const string Warm = "get, disk to disk, verified, synced";
    private const string Fresh = "get by a process that has just started";
    private const string Records = "AES-GCM records of 128 KiB over TCP, memory to memory";
    private const string LibtorrentLine = "libtorrent over TCP, disk to disk, checked, not encrypted";
    private const string SyncedLine = "the same, until its copy is synced too";
    private const string Aria2Line = "aria2, disk to disk, checked, not encrypted";

    public static async Task RunAsync(BenchOptions options)
    {
        double gib = options.Bytes / (double)(1 << 30);
        double mb = options.Bytes / 1e6;
        var table = new Medians(
            $"swarm: {options.Mib} MiB from one process to another",
            "MB/s", "x SslStream", "CPU s/GiB, both sides", "steady: allocated bytes/MiB, both sides", "peak MiB of the receiver");
        var sides = new Medians("swarm: where the processor time of `get` goes, s/GiB", "sharer", "of it in the kernel", "getter", "of it in the kernel");
        var verdicts = new Verdicts("swarm");
        await using SwarmRun swarm = await SwarmRun.StartAsync(options.Bytes);
        for (int run = 0; run < options.Runs; run++)
        {
            Measurement yardstick = await SslYardstick.MeasureAsync(options.Bytes);
            AddForeign("SslStream over TCP, memory to memory (yardstick)", yardstick);
            if (options.Wants(Records)) AddForeign(Records, await RecordYardstick.MeasureAsync(options.Bytes));
            SwarmFigures? warm = options.Wants(Warm) ? await swarm.GetAsync(1, 0, isWarm: true) : null;
            if (warm is not null) AddGet(Warm, warm);
            if (options.Wants(Fresh)) AddGet(Fresh, await swarm.GetAsync(1, 0, isWarm: false));
            Measurement? libtorrent = options.Wants(LibtorrentLine) ? await Libtorrent.MeasureAsync(options.Bytes, "tcp") : null;
            if (libtorrent is not null)
            {
                AddForeign(LibtorrentLine, libtorrent);
                AddForeign(SyncedLine, libtorrent with { Seconds = libtorrent.SyncedSeconds, CpuSeconds = double.NaN });
            }

            Measurement? aria2 = options.Wants(Aria2Line) ? await Aria2.MeasureAsync(swarm.Folder, swarm.Original) : null;
            if (aria2 is not null) AddForeign(Aria2Line, aria2);
            if (warm is not null) Judge(verdicts, warm, yardstick, libtorrent, aria2, options.Bytes);

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
        verdicts.Print();
        Libtorrent.PrintWhyMissing();
        Aria2.PrintWhyMissing();
    }

    private static void Judge(Verdicts verdicts, SwarmFigures get, Measurement yardstick, Measurement? libtorrent, Measurement? aria2, long bytes)
    {
        verdicts.AtLeast("rate of get against SslStream, x", 0.5, yardstick.Seconds / get.Seconds);
        verdicts.AtLeast("rate of get, synced, against libtorrent, not synced, x", 1.5, (libtorrent?.Seconds ?? double.NaN) / get.Seconds);
        verdicts.AtLeast("rate of get against libtorrent, both synced, x", 1.5, (libtorrent?.SyncedSeconds ?? double.NaN) / get.Seconds);
        verdicts.AtLeast("rate of get against aria2, x", 3, (aria2?.Seconds ?? double.NaN) / get.Seconds);
        verdicts.AtMost("processor time of get against libtorrent, x", 0.8, get.CpuSeconds / (libtorrent?.CpuSeconds ?? double.NaN));
        verdicts.AtMost("steady allocation of both sides, bytes/MiB", 1024, get.SteadyPerMib(bytes));
    }
}
