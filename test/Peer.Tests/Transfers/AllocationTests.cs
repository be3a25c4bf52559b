using CS3103P2P.Peer.Connectivity;
using CS3103P2P.Peer.Swarm;
using CS3103P2P.Peer.Transfers;
using Microsoft.Extensions.Logging.Abstractions;

namespace CS3103P2P.Peer.Tests.Transfers;

/// <summary>What moving data allocates once it flows. Alone in the process, which counts for all its threads.</summary>
[TestClass]
[DoNotParallelize]
public sealed class AllocationTests
{
    private const int ChunkBytes = 512 * 1024;
    private const int Chunks = 512;

    // Buffers of chunks are kept, but one more may be needed late in a download; never more than this in all.
    private const int ChunkBufferBytes = 5 * 1024 * 1024;

    // Bench `swarm` tells the figure of optimized code. Here every asynchronous method allocates, as the debugger wants it.
#if DEBUG
    private const double MostBytesPerMib = 30_000;
#else
    private const double MostBytesPerMib = 4_000;
#endif

    [TestMethod]
    public async Task Download_OverLoopback_AllocatesLittleOnceDataFlows()
    {
        byte[] pattern = new byte[ChunkBytes];
        new Random(5).NextBytes(pattern);
        long atQuarter = 0, atEnd = 0;
        await using var sharer = new LoopbackPeer();
        await using var downloader = new LoopbackPeer();
        sharer.Shares.TryAdd(new ServedShare(new PatternContent(pattern, Chunks, isComplete: true), "memory", null));
        var content = new PatternContent(pattern, Chunks, isComplete: false)
        {
            OnVerified = count =>
            {
                if (count == Chunks / 4) atQuarter = GC.GetTotalAllocatedBytes();
                if (count == Chunks) atEnd = GC.GetTotalAllocatedBytes();
            },
        };
        using var metrics = new PeerMetrics();
        await using var session = new DownloadSession(content, new DownloadSessionOptions
        {
            Limits = new SwarmLimits(),
            Random = new Random(6),
            TimeProvider = TimeProvider.System,
            Logger = NullLogger.Instance,
            Metrics = metrics,
        });
        session.Start();
        (PeerConnection ours, _) = await downloader.ConnectAsync(sharer);
        Assert.IsNotNull(session.Add(ours, "memory", default));
        await session.Completion.WaitAsync(TimeSpan.FromSeconds(60));
        double mib = (double)ChunkBytes * Chunks * 3 / 4 / (1 << 20);
        double perMib = Math.Max(0, atEnd - atQuarter - ChunkBufferBytes) / mib;
        Console.WriteLine($"{(atEnd - atQuarter) / mib:0} bytes/MiB, {perMib:0} without buffers");
        Assert.IsLessThan(MostBytesPerMib, perMib);
    }
}
