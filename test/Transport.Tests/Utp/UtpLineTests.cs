using CS3103P2P.Transport.Utp;

namespace CS3103P2P.Transport.Tests.Utp;

/// <summary>How much of a line's payload rate a connection gets, on virtual time.</summary>
[TestClass]
public sealed class UtpLineTests
{
    private const double BytesPerSecond = 12_500_000;
    private const double PayloadShare = 1_432.0 / 1_452;

    [TestMethod]
    [DataRow(1, 20_000, 0.0, 0.995)]
    [DataRow(2, 20_000, 0.01, 0.93)]
    [DataRow(3, 75_000, 0.001, 0.9)]
    [DataRow(4, 75_000, 0.0, 0.99)]
    public void Throughput_OverALongLine_FillsIt(int seed, int latencyMicros, double loss, double atLeast)
    {
        UtpPair pair = Open(seed, UtpCongestion.Throughput, out UtpConnection client, out UtpTransfer transfer);
        SetLine(pair, latencyMicros, loss);
        pair.RunUntil(transfer.Pump, 2.5);
        long before = transfer.Read;
        long resentBefore = client.Retransmissions;
        pair.RunUntil(transfer.Pump, 2);
        double share = (transfer.Read - before) / (2 * BytesPerSecond * PayloadShare);
        Assert.IsGreaterThan(atLeast, share, $"seed {seed}");
        // What is lost is sent again; what the acknowledgement's mask cannot name is not.
        double resent = (client.Retransmissions - resentBefore) * 1_432.0 / (transfer.Read - before);
        Assert.IsLessThan((1.5 * loss) + 0.002, resent, $"seed {seed}");
    }

    [TestMethod]
    public void Ledbat_UnderRandomLoss_IsNoSlowerThanReno()
    {
        // Mathis et al., 1997: the rate of a TCP Reno that acknowledges every packet.
        const double Loss = 0.01, RoundTripSeconds = 0.04;
        double reno = 1_432 / RoundTripSeconds * 1.22 / Math.Sqrt(Loss);
        UtpPair pair = Open(5, UtpCongestion.Ledbat, out _, out UtpTransfer transfer);
        SetLine(pair, 20_000, Loss);
        pair.RunUntil(transfer.Pump, 40);
        Assert.IsGreaterThan(reno, transfer.Read / 40.0);
    }

    [TestMethod]
    [DataRow(6)]
    [DataRow(7)]
    [DataRow(8)]
    public void Transfer_OverAPathThatReorders_SendsLittleTwice(int seed)
    {
        UtpPair pair = Open(seed, UtpCongestion.Throughput, out UtpConnection client, out UtpTransfer transfer);
        SetLine(pair, 20_000, 0);
        pair.ToServer.Reordering = 0.1;
        pair.ToServer.ReorderMicros = 8_000;
        pair.RunUntil(transfer.Pump, 1);
        long resentBefore = client.Retransmissions;
        long before = transfer.Read;
        pair.RunUntil(transfer.Pump, 2);
        long packets = (transfer.Read - before) / 1_432;
        Assert.IsGreaterThan(14_000, packets, $"seed {seed}");
        Assert.IsLessThan(packets / 200, client.Retransmissions - resentBefore, $"of {packets}; seed {seed}");
    }

    private static UtpPair Open(int seed, UtpCongestion congestion, out UtpConnection client, out UtpTransfer transfer)
    {
        var pair = new UtpPair(seed, new UtpOptions { Congestion = congestion });
        (client, UtpConnection server) = pair.Establish();
        transfer = new UtpTransfer(pair, client, server, long.MaxValue);
        return pair;
    }

    private static void SetLine(UtpPair pair, int latencyMicros, double loss)
    {
        pair.SetBoth(link =>
        {
            link.LatencyMicros = latencyMicros;
            link.Loss = loss;
        });
        pair.ToServer.BytesPerSecond = BytesPerSecond;
        pair.ToServer.QueueSeconds = 0.1;
    }
}
