using System.Diagnostics;
using CS3103P2P.Peer.Connectivity;

namespace CS3103P2P.Peer.Tests.Connectivity;

[TestClass]
public sealed class RateLimiterTests
{
    [TestMethod]
    public async Task WaitAsync_TenUsers_ShareTheRate()
    {
        var limiter = new RateLimiter(80_000_000, TimeProvider.System);   // 10 MB/s
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Task.Run(async () =>
        {
            for (int i = 0; i < 10; i++) await limiter.WaitAsync(50_000, CancellationToken.None);
        })));
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Assert.IsInRange(0.3, 10.0, seconds, "5 MB at 10 MB/s take 0.5 s, less the last slices");
    }

    [TestMethod]
    public void WaitAsync_NoRate_NeverWaits()
    {
        var limiter = new RateLimiter(null, TimeProvider.System);
        for (int i = 0; i < 1000; i++) Assert.IsTrue(limiter.WaitAsync(int.MaxValue, CancellationToken.None).AsTask().IsCompletedSuccessfully);
    }

    [TestMethod]
    public async Task WaitAsync_Cancelled_Ends()
    {
        var limiter = new RateLimiter(80_000, TimeProvider.System);
        using var stop = new CancellationTokenSource();
        await limiter.WaitAsync(1_000_000, stop.Token);
        Task waiting = limiter.WaitAsync(1, stop.Token).AsTask();
        Assert.IsFalse(waiting.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => waiting);
    }
}
