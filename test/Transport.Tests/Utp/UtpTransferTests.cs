using CS3103P2P.Transport.Utp;

namespace CS3103P2P.Transport.Tests.Utp;

[TestClass]
public sealed class UtpTransferTests
{
    private const int OneMebibyte = 1024 * 1024;

    [TestMethod]
    [DataRow(1, 0.0)]
    [DataRow(2, 0.01)]
    [DataRow(3, 0.05)]
    [DataRow(4, 0.2)]
    public void Transfer_UnderLoss_ArrivesWhole(int seed, double loss)
    {
        var pair = new UtpPair(seed);
        pair.SetBoth(link => link.Loss = loss);
        (UtpConnection client, UtpConnection server) = pair.Establish();
        new UtpTransfer(pair, client, server, OneMebibyte).AssertArrives(600);
        new UtpTransfer(pair, server, client, OneMebibyte / 4).AssertArrives(600);
    }

    [TestMethod]
    [DataRow(5, UtpCongestion.Ledbat)]
    [DataRow(6, UtpCongestion.Throughput)]
    public void Transfer_UnderLossDuplicationAndReordering_ArrivesWhole(int seed, UtpCongestion congestion)
    {
        var pair = new UtpPair(seed, new UtpOptions { Congestion = congestion });
        pair.SetBoth(link =>
        {
            link.Loss = 0.05;
            link.Duplication = 0.1;
            link.Reordering = 0.2;
        });
        (UtpConnection client, UtpConnection server) = pair.Establish();
        new UtpTransfer(pair, client, server, OneMebibyte).AssertArrives(600);
    }

    [TestMethod]
    public void Transfer_OnACleanPath_SendsNothingTwiceAndGrowsTheDatagram()
    {
        var pair = new UtpPair(7);
        (UtpConnection client, UtpConnection server) = pair.Establish();
        new UtpTransfer(pair, client, server, 8 * OneMebibyte).AssertArrives(60);
        Assert.AreEqual(0, client.Retransmissions);
        Assert.AreEqual(1_452, client.DatagramBytes);
        Assert.AreEqual(1_452, pair.LargestToServer);
    }
}
