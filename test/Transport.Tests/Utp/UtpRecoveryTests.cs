using CS3103P2P.Transport.Utp;

namespace CS3103P2P.Transport.Tests.Utp;

[TestClass]
public sealed class UtpRecoveryTests
{
    private const int OneMebibyte = 1024 * 1024;

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public void Transfer_UnderDamageAndTruncation_NeverWedges(int seed)
    {
        // Payload damage shows only to TLS above; here each direction must merely go on to the end.
        var pair = new UtpPair(seed);
        (UtpConnection client, UtpConnection server) = pair.Establish();
        pair.SetBoth(link =>
        {
            link.BitFlips = 0.02;
            link.Truncation = 0.02;
            link.Loss = 0.02;
        });
        var transfer = new UtpTransfer(pair, client, server, OneMebibyte / 2);
        bool ended = pair.RunUntil(() => transfer.Pump() && transfer.IsDone, 300) || client.State == UtpState.Closed || server.State == UtpState.Closed;
        pair.SetBoth(link => link.BitFlips = link.Truncation = link.Loss = 0);
        Assert.IsTrue(ended || transfer.Read > OneMebibyte / 4, $"{transfer.Read} bytes; seed {seed}");
        (client, server) = pair.Establish();
        new UtpTransfer(pair, client, server, OneMebibyte / 4).AssertArrives(60);
    }

    [TestMethod]
    public void HandleDatagram_OfNoise_NeverThrows()
    {
        const int Seed = 4;
        var pair = new UtpPair(Seed);
        (UtpConnection client, UtpConnection server) = pair.Establish();
        var random = new Random(Seed);
        for (int i = 0; i < 30_000; i++)
        {
            byte[] datagram = new byte[random.Next(80)];
            random.NextBytes(datagram);
            if (datagram.Length >= 4)
            {
                datagram[0] = (byte)((random.Next(6) << 4) | 1);
                datagram[1] = (byte)random.Next(3);
                datagram[2] = (byte)(server.ReceiveId >> 8);
                datagram[3] = (byte)server.ReceiveId;
            }

            pair.Inject(true, UtpPair.ClientAddress, datagram);
            if (i % 500 == 0) pair.Run(0.05);
        }

        pair.Run(1);
        Assert.IsLessThanOrEqualTo(1 + new UtpOptions().AcceptBacklog, pair.Server.ConnectionCount);
        Assert.IsTrue(client.State is UtpState.Connected or UtpState.Closed);
    }

    [TestMethod]
    [DataRow(5, 3.0)]
    [DataRow(6, 10.0)]
    public void Transfer_WithDelaySpikes_ArrivesWhole(int seed, double spikeSeconds)
    {
        var pair = new UtpPair(seed);
        (UtpConnection client, UtpConnection server) = pair.Establish();
        pair.SetBoth(link => link.BytesPerSecond = 1_000_000);
        var transfer = new UtpTransfer(pair, client, server, 4 * OneMebibyte);
        pair.RunUntil(transfer.Pump, 1);
        pair.SetBoth(link => link.LatencyMicros = (long)(spikeSeconds * 1e6));
        pair.RunUntil(transfer.Pump, 2 * spikeSeconds);
        pair.SetBoth(link => link.LatencyMicros = 10_000);
        transfer.AssertArrives(120);
    }

    [TestMethod]
    public void Transfer_AcrossAnOutage_GoesOn()
    {
        var pair = new UtpPair(7);
        (UtpConnection client, UtpConnection server) = pair.Establish();
        pair.SetBoth(link => link.BytesPerSecond = 1_000_000);
        var transfer = new UtpTransfer(pair, client, server, 2 * OneMebibyte);
        pair.RunUntil(transfer.Pump, 0.5);
        pair.SetBoth(link => link.Loss = 1);
        pair.RunUntil(transfer.Pump, 20);
        pair.SetBoth(link => link.Loss = 0);
        transfer.AssertArrives(60);
    }

    [TestMethod]
    public void SingleLoss_IsRepairedWithoutATimeout()
    {
        var pair = new UtpPair(8);
        (UtpConnection client, UtpConnection server) = pair.Establish();
        int packet = 0;
        pair.ToServer.Drop = datagram => datagram.Length > 1_000 && ++packet == 50;
        MonotonicTime start = pair.Now;
        new UtpTransfer(pair, client, server, OneMebibyte).AssertArrives(60);
        Assert.AreEqual(1, client.Retransmissions);
        Assert.IsLessThan(0.5, (pair.Now - start).TotalSeconds);
    }

    [TestMethod]
    public void LossOfTheLastPacket_IsRepairedByTheTailProbe()
    {
        var pair = new UtpPair(9);
        (UtpConnection client, UtpConnection server) = pair.Establish();
        new UtpTransfer(pair, client, server, 100_000).AssertArrives(10);
        int left = 1;
        pair.ToServer.Drop = datagram => datagram[0] >> 4 == (int)UtpPacketType.Data && left-- > 0;
        MonotonicTime start = pair.Now;
        new UtpTransfer(pair, client, server, 500).AssertArrives(10);
        Assert.IsLessThan(0.2, (pair.Now - start).TotalSeconds);
    }

    [TestMethod]
    public void SelectiveAckLessPeers_AreServedByDuplicateAcks()
    {
        // The fourth repetition of an acknowledgement without mask shows the loss.
        var window = new SendWindow(100);
        for (int i = 0; i < 10; i++) window.Append(new MonotonicTime(i), i * 1000L, 1000, false);
        Assert.IsTrue(window.LoseOldest(out _));
        Assert.AreEqual((ushort)100, window.FirstLost);
        Assert.AreEqual(9_000, window.BytesInFlight);
        Assert.IsFalse(window.LoseOldest(out _));
    }

    [TestMethod]
    [DataRow(10)]
    [DataRow(11)]
    public void Transfer_AcrossTheWrapOfSequenceNumbersAndTimestamps_ArrivesWhole(int seed)
    {
        var pair = new UtpPair(seed, clientRandom: new HighRandom(), serverRandom: new HighRandom())
        {
            ServerClockOffset = TimeSpan.FromMicroseconds(uint.MaxValue - 3_000_000L),
        };
        pair.SetBoth(link => link.Loss = seed == 11 ? 0.03 : 0);
        (UtpConnection client, UtpConnection server) = pair.Establish();
        Assert.IsGreaterThan((ushort)65_000, client.NextSequence);
        new UtpTransfer(pair, client, server, 2 * OneMebibyte).AssertArrives(120);
        Assert.IsLessThan((ushort)5_000, client.NextSequence);
        new UtpTransfer(pair, server, client, OneMebibyte).AssertArrives(120);
    }

    [TestMethod]
    public void Transfer_LongEnoughToUseEverySequenceNumber_ArrivesWhole()
    {
        var pair = new UtpPair(12);
        pair.SetBoth(link => link.Reordering = 0.01);
        (UtpConnection client, UtpConnection server) = pair.Establish();
        new UtpTransfer(pair, client, server, 100L * OneMebibyte).AssertArrives(600);
    }

    /// <summary>Draws the highest numbers, so that sequence numbers wrap soon.</summary>
    private sealed class HighRandom : Random
    {
        public override int Next(int maxValue) => maxValue - 100;
    }
}
