using CS3103P2P.Transport.Utp;

namespace CS3103P2P.Transport.Tests.Utp;

[TestClass]
public sealed class UtpCongestionTests
{
    private const int OneMebibyte = 1024 * 1024;

    [TestMethod]
    public void Ledbat_KeepsTheQueueNearItsTarget()
    {
        var pair = new UtpPair(1, new UtpOptions { Congestion = UtpCongestion.Ledbat });
        (UtpConnection client, UtpConnection server) = pair.Establish();
        pair.ToServer.BytesPerSecond = 1_000_000;
        pair.ToServer.QueueSeconds = 2;
        var transfer = new UtpTransfer(pair, client, server, 60 * OneMebibyte);
        pair.RunUntil(transfer.Pump, 20);
        long before = transfer.Read;
        pair.RunUntil(transfer.Pump, 10);
        Assert.IsInRange(60_000, 110_000, client.RttMicros, "20 ms of path and about 60 ms of queue.");
        Assert.IsGreaterThan(8_500_000, transfer.Read - before);
    }

    [TestMethod]
    public void Ledbat_WhenTheDelayGrows_Yields()
    {
        var controller = new LedbatController(100_000, 4 * OneMebibyte);
        for (int i = 0; i < 200; i++) controller.HandleAck(Sample(i, controller, 0));
        controller.HandleLoss(new MonotonicTime(0), 1, true);
        long before = controller.WindowBytes;
        for (int i = 0; i < 250; i++) controller.HandleAck(Sample(i, controller, 250_000));
        Assert.IsLessThan(before / 2, controller.WindowBytes);
        for (int i = 0; i < 10_000; i++) controller.HandleAck(Sample(i, controller, 250_000));
        Assert.AreEqual(LedbatController.MinWindowBytes, controller.WindowBytes);
    }

    [TestMethod]
    public void Ledbat_WhenTheApplicationIsTheLimit_DoesNotGrow()
    {
        var controller = new LedbatController(100_000, 4 * OneMebibyte);
        for (int i = 0; i < 1_000; i++) controller.HandleAck(Sample(i, controller, 0) with { WindowLimited = false });
        Assert.AreEqual(LedbatController.InitialWindowBytes, controller.WindowBytes);
    }

    [TestMethod]
    [DataRow(50)]
    [DataRow(-50)]
    public void DelayHistory_UnderClockDrift_StaysNearTheTruth(int driftMicrosPerSecond)
    {
        // Half an hour at 50 ppm: 90 ms of drift in all, at most 33 ms of it within the history.
        var history = new DelayHistory();
        uint delay = 0xFFFF_F000;
        int queue = 0;
        for (int second = 0; second < 1_800; second++)
        {
            delay += (uint)driftMicrosPerSecond;
            queue = history.HandleSample(new MonotonicTime(second * 1_000_000L), delay);
        }

        Assert.IsInRange(0, 35_000, queue);
    }

    [TestMethod]
    public void DelayHistory_OfABurst_ShowsTheLeastOfTheLastSamples()
    {
        var history = new DelayHistory();
        Assert.AreEqual(0, history.HandleSample(new MonotonicTime(1), 1_000));
        foreach (uint delay in new uint[] { 60_000, 70_000, 50_000 }) history.HandleSample(new MonotonicTime(2), delay);
        Assert.AreEqual(49_000, history.HandleSample(new MonotonicTime(3), 90_000));
    }

    // TLS exchanges a few small messages first; the rate at which they came is not that of the path.
    [TestMethod]
    public void Throughput_AfterASmallHandshake_SendsTheFirstWindowWithinARoundTrip()
    {
        const int ChunkBytes = 16 * 1024;
        var pair = new UtpPair(7, new UtpOptions { Congestion = UtpCongestion.Throughput });
        pair.SetBoth(link => link.LatencyMicros = 40_000);
        (UtpConnection client, UtpConnection server) = pair.Establish();
        foreach (int message in new[] { 300, 1_200 })
        {
            new UtpTransfer(pair, client, server, message).AssertArrives(1);
            pair.Run(0.1);
        }

        MonotonicTime asked = pair.Now;
        new UtpTransfer(pair, client, server, ChunkBytes).AssertArrives(1);
        Assert.IsLessThan(80, (pair.Now - asked).TotalMilliseconds, "40 ms of path, and the packets evenly spread over less than half a round trip.");
    }

    [TestMethod]
    [DataRow(2, 0.0)]
    [DataRow(3, 0.01)]
    [DataRow(4, 0.02)]
    public void Throughput_UnderRandomLoss_KeepsTheRate(int seed, double loss)
    {
        const double BytesPerSecond = 12_500_000;
        var pair = new UtpPair(seed, new UtpOptions { Congestion = UtpCongestion.Throughput });
        (UtpConnection client, UtpConnection server) = pair.Establish();
        pair.SetBoth(link => link.LatencyMicros = 20_000);
        pair.ToServer.BytesPerSecond = BytesPerSecond;
        pair.ToServer.QueueSeconds = 0.1;
        pair.ToServer.Loss = loss;
        var transfer = new UtpTransfer(pair, client, server, long.MaxValue);
        pair.RunUntil(transfer.Pump, 1);
        long before = transfer.Read;
        pair.RunUntil(transfer.Pump, 3);
        double share = (transfer.Read - before) / (3 * BytesPerSecond);
        Assert.IsInRange(0.8, 1.0, share, $"seed {seed}");
    }

    [TestMethod]
    [DataRow(6, 625_000.0, 1.0, 100_000)]
    [DataRow(7, 2_500_000.0, 0.02, 20_000)]
    [DataRow(8, 1_000_000.0, 0.2, 2_000)]
    public void Throughput_OfTwoConnections_IsShared(int seed, double bytesPerSecond, double queueSeconds, int latencyMicros)
    {
        var pair = new UtpPair(seed, new UtpOptions { Congestion = UtpCongestion.Throughput });
        pair.SetBoth(link => link.LatencyMicros = latencyMicros);
        (UtpConnection firstClient, UtpConnection firstServer) = pair.Establish();
        (UtpConnection secondClient, UtpConnection secondServer) = pair.Establish();
        pair.ToServer.BytesPerSecond = bytesPerSecond;
        pair.ToServer.QueueSeconds = queueSeconds;
        var first = new UtpTransfer(pair, firstClient, firstServer, long.MaxValue);
        var second = new UtpTransfer(pair, secondClient, secondServer, long.MaxValue);
        pair.RunUntil(first.Pump, 3);
        pair.RunUntil(() => first.Pump() | second.Pump(), 6);
        (long firstBefore, long secondBefore) = (first.Read, second.Read);
        pair.RunUntil(() => first.Pump() | second.Pump(), 12);
        double firstShare = (first.Read - firstBefore) / (12 * bytesPerSecond);
        double secondShare = (second.Read - secondBefore) / (12 * bytesPerSecond);
        Assert.IsInRange(0.8, 1.0, firstShare + secondShare, $"{firstShare:F2} and {secondShare:F2}; seed {seed}");
        Assert.IsGreaterThan(0.15, Math.Min(firstShare, secondShare), $"{firstShare:F2} and {secondShare:F2}; seed {seed}");
    }

    [TestMethod]
    public void Throughput_AfterAThinStretch_ReachesTheRateAtOnce()
    {
        const double BytesPerSecond = 5_000_000;
        var pair = new UtpPair(9, new UtpOptions { Congestion = UtpCongestion.Throughput });
        (UtpConnection client, UtpConnection server) = pair.Establish();
        pair.ToServer.BytesPerSecond = BytesPerSecond;
        for (int i = 0; i < 200; i++)
        {
            new UtpTransfer(pair, client, server, 3_000).AssertArrives(5);
            pair.Run(0.05);
        }

        var transfer = new UtpTransfer(pair, client, server, long.MaxValue);
        pair.RunUntil(transfer.Pump, 3);
        Assert.IsGreaterThan(0.75 * 3 * BytesPerSecond, transfer.Read);
    }

    [TestMethod]
    public void Throughput_KeepsTheQueueShort()
    {
        var pair = new UtpPair(5, new UtpOptions { Congestion = UtpCongestion.Throughput });
        (UtpConnection client, UtpConnection server) = pair.Establish();
        pair.ToServer.BytesPerSecond = 5_000_000;
        pair.ToServer.QueueSeconds = 1;
        var transfer = new UtpTransfer(pair, client, server, long.MaxValue);
        pair.RunUntil(transfer.Pump, 8);
        Assert.IsLessThan(100_000, client.RttMicros);
    }

    [TestMethod]
    public void Rtt_TimeoutFollowsTheEstimateAndBacksOff()
    {
        var rtt = new RttEstimator();
        Assert.AreEqual(1_000_000, rtt.TimeoutMicros);
        rtt.HandleSample(new MonotonicTime(0), 300_000);
        Assert.AreEqual(900_000, rtt.TimeoutMicros);
        rtt.HandleTimeout();
        Assert.AreEqual(1_800_000, rtt.TimeoutMicros);
        rtt.HandleProgress();
        for (int i = 0; i < 100; i++) rtt.HandleSample(new MonotonicTime(i), 10_000);
        Assert.AreEqual(RttEstimator.MinTimeoutMicros, rtt.TimeoutMicros);
        for (int i = 0; i < 40; i++) rtt.HandleTimeout();
        Assert.AreEqual(RttEstimator.MaxTimeoutMicros, rtt.TimeoutMicros);
    }

    private static UtpAckSample Sample(int at, LedbatController controller, int queueDelayMicros) =>
        new(new MonotonicTime(at), (int)Math.Min(controller.WindowBytes, 14_000), controller.WindowBytes, true, false, 20_000, 20_000, queueDelayMicros, 0, 0, 0, 1_432);
}
