using System.Diagnostics;
using System.Globalization;
using CS3103P2P.Peer;

namespace CS3103P2P.Bench;

/// <summary>The peers of a swarm, each a process of its own. The parent tells them by lines when to begin and when to look at their own figures.</summary>
internal static class SwarmChildren
{
    /// <summary>Shares files until told to end; the name of the last one stands for all in the output.</summary>
    /// <param name="tracker">Where to register.</param>
    /// <param name="uploadLimit">Bits per second; 0 for none.</param>
    /// <param name="maxConnections">How many to take.</param>
    /// <param name="paths">The files.</param>
    public static async Task ShareAsync(string tracker, long uploadLimit, int maxConnections, string[] paths)
    {
        using AllocationTypes? allocations = AllocationTypes.StartIfWanted();
        PeerNodeOptions options = Options(tracker, uploadLimit);
        options.MaxConnections = options.MaxConnectionsPerAddress = maxConnections;
        await using PeerNode node = await PeerNode.StartAsync(options);
        foreach (string path in paths) await node.ShareAsync(path);
        Children.Print("sharing", $"{node.LocalAddress.Port}");
        await AnswerAsync(new Baseline(), allocations);
    }

    /// <summary>Downloads one file to warm up, unless its name is `-`, and another when told; then tells the figures of that.</summary>
    public static async Task GetAsync(string tracker, long uploadLimit, string warmUp, string name, string output)
    {
        using AllocationTypes? allocations = AllocationTypes.StartIfWanted();
        await using PeerNode node = await PeerNode.StartAsync(Options(tracker, uploadLimit));
        if (warmUp != "-") await node.DownloadAsync(warmUp, new DownloadOptions { OutputPath = output + ".warm" });
        Children.Print("ready", $"1");
        await Console.In.ReadLineAsync();
        var baseline = new Baseline();
        var progress = new Quarter(allocations);
        long started = Stopwatch.GetTimestamp();
        await node.DownloadAsync(name, new DownloadOptions { OutputPath = output, KeepSharing = true }, progress);
        Children.Print("seconds", $"{Stopwatch.GetElapsedTime(started).TotalSeconds}");
        Children.Print("steady", $"{progress.AllocatedPerMib()}");
        allocations?.Print("getter");
        baseline.Print();
        await AnswerAsync(baseline, null);
    }

    private static PeerNodeOptions Options(string tracker, long uploadLimit)
    {
        var options = new PeerNodeOptions { Tracker = tracker, Port = 0, UploadLimitBitsPerSecond = uploadLimit == 0 ? null : uploadLimit };
        options.StunServers.Clear();
        return options;
    }

    private static async Task AnswerAsync(Baseline baseline, AllocationTypes? allocations)
    {
        while (await Console.In.ReadLineAsync() is { } line)
        {
            if (line == "begin") baseline = new Baseline();
            if (line == "figures")
            {
                allocations?.Print("sharer");
                baseline.Print();
            }

            if (line == "memory") Children.Print("rss", $"{Environment.WorkingSet}");
        }
    }

    /// <summary>Where a process stood when the measured part began.</summary>
    private sealed class Baseline
    {
        private readonly TimeSpan _cpu = Children.CpuTime();
        private readonly TimeSpan _kernel = Children.KernelTime();
        private readonly long _allocated = GC.GetTotalAllocatedBytes(precise: true);

        public void Print() => Children.PrintOwnFigures(_allocated, _cpu, _kernel);
    }

    /// <summary>Counts what is allocated once a quarter has come: buffers are there then, so that is the steady state.</summary>
    private sealed class Quarter(AllocationTypes? allocations) : IProgress<DownloadProgress>
    {
        private long _allocated;
        private long _bytes;

        public void Report(DownloadProgress value)
        {
            if (_bytes > 0 || value.VerifiedBytes < value.TotalBytes / 4) return;
            allocations?.Print("getter until a quarter");
            _allocated = GC.GetTotalAllocatedBytes(precise: true);
            _bytes = value.TotalBytes - value.VerifiedBytes;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"quarter {value.VerifiedBytes}"));
        }

        public double AllocatedPerMib() => _bytes == 0 ? double.NaN : (GC.GetTotalAllocatedBytes(precise: true) - _allocated) * (double)(1 << 20) / _bytes;
    }
}
