using CS3103P2P.Transport.Utp;

namespace CS3103P2P.Transport.Tests.Utp;

/// <summary>
/// A property over many seeds, on virtual time: whatever a relay does to datagrams (loss of 0 to 20 %, repetition, reordering, delay spikes,
/// a path that becomes narrower), the bytes arrive as they were sent. Damage is another matter: uTP has no checksum of its own, and a relay
/// that cuts datagrams or flips bits writes a good UDP checksum under them, so damaged payload cannot be told from payload. What must
/// hold then is that no stream waits for ever: it ends, or goes on to where TLS, which runs above in this product, sees the damage and
/// ends it (<c>UtpFuzzRelayTests</c> tries that with TLS).
/// </summary>
[TestClass]
public sealed class UtpFuzzTests
{
    private const int Seeds = 60;
    private const int Bytes = 200_000;

    [TestMethod]
    public void Transfer_ThroughAnUnkindRelay_ArrivesWhole()
    {
        for (int seed = 1; seed <= Seeds; seed++)
        {
            var random = new Random(seed);
            UtpPair pair = Create(seed, random, out UtpConnection client, out UtpConnection server);
            var there = new UtpTransfer(pair, client, server, Bytes);
            there.AssertArrives(900);
            new UtpTransfer(pair, server, client, Bytes / 4).AssertArrives(900);
            client.ShutdownWrite();
            pair.Touch(client);
            Assert.IsTrue(pair.RunUntil(() => server.IsReceiveFinished, 300), $"The end did not arrive; seed {seed}.");
        }
    }

    [TestMethod]
    public void Transfer_ThroughARelayThatDamages_NeverWaitsForEver()
    {
        int damaged = 0, whole = 0;
        for (int seed = 1; seed <= Seeds; seed++)
        {
            var random = new Random(seed);
            UtpPair pair = Create(seed, random, out UtpConnection client, out UtpConnection server);
            double flips = random.NextDouble() * 0.02, cuts = random.NextDouble() * 0.02;
            pair.SetBoth(link => (link.BitFlips, link.Truncation) = (flips, cuts));
            var transfer = new UtpTransfer(pair, client, server, Bytes);
            bool ended = pair.RunUntil(() => transfer.Pump() || IsOver(client) || IsOver(server) || server.IsReceiveFinished, 3_600);
            Assert.IsTrue(ended, $"Wedged after {transfer.Read} bytes; seed {seed}.");
            if (transfer.MismatchAt >= 0) damaged++;
            if (transfer.IsDone && transfer.MismatchAt < 0) whole++;
        }

        Assert.IsGreaterThan(0, damaged, "The relay is too kind to show anything.");
        Assert.IsGreaterThan(0, whole, "The relay leaves nothing whole.");
    }

    [TestMethod]
    public void FalseSelectiveAck_IsRepaired()
    {
        // A mask that a relay damaged claims a packet that never arrived; the next acknowledgement contradicts it.
        const long Mss = 1_000;
        var window = new SendWindow(100);
        var now = new MonotonicTime(1_000);
        for (int i = 0; i < 4; i++) window.Append(now, i * Mss, (int)Mss, false);
        AckOutcome outcome = default;
        Assert.IsTrue(window.TryHandleAck(now, 99, [0b0000_0001], 0, ref outcome));
        Assert.IsTrue(window.TryHandleAck(now, 100, [0b0000_0011], 0, ref outcome));
        Assert.IsTrue(window.HasLost);
        Assert.AreEqual((ushort)101, window.FirstLost);
    }

    [TestMethod]
    public void FalseCumulativeAck_EndsTheConnection()
    {
        // What it claims is released and cannot be sent again: better an end than silence.
        var pair = new UtpPair(1);
        (UtpConnection client, UtpConnection server) = pair.Establish();
        pair.ToServer.Drop = datagram => datagram.Length > 1_000;
        var transfer = new UtpTransfer(pair, client, server, 20_000);
        pair.RunUntil(transfer.Pump, 0.1);
        var lie = new UtpHeader(UtpPacketType.State, client.ReceiveId, 1, 1, 1 << 20, 1, SequenceNumber.Add(client.NextSequence, -1));
        byte[] datagram = new byte[UtpHeader.SizeInBytes];
        lie.Write(datagram);
        pair.Inject(false, UtpPair.ServerAddress, datagram);
        pair.RunUntil(transfer.Pump, 0.1);
        pair.ToServer.Drop = null;
        Assert.IsTrue(pair.RunUntil(() => client.State == UtpState.Closed && server.State == UtpState.Closed, 200));
        Assert.AreEqual(UtpCloseReason.Damaged, client.CloseReason);
        Assert.AreEqual(UtpCloseReason.Reset, server.CloseReason);
    }

    private static bool IsOver(UtpConnection connection) => connection.State == UtpState.Closed;

    private static UtpPair Create(int seed, Random random, out UtpConnection client, out UtpConnection server)
    {
        UtpCongestion congestion = random.Next(2) == 0 ? UtpCongestion.Throughput : UtpCongestion.Ledbat;
        var pair = new UtpPair(seed, new UtpOptions { Congestion = congestion });
        long latency = random.NextInt64(100, 100_000);
        double rate = random.Next(2) == 0 ? 0 : 50_000 * Math.Pow(100, random.NextDouble());
        (double loss, double repeated, double reordered) = (random.NextDouble() * 0.2, random.NextDouble() * 0.1, random.NextDouble() * 0.2);
        pair.SetBoth(link =>
        {
            link.LatencyMicros = latency;
            link.ReorderMicros = latency + 1_000;
        });
        (client, server) = pair.Establish();
        pair.SetBoth(link =>
        {
            link.BytesPerSecond = rate;
            (link.Loss, link.Duplication, link.Reordering) = (loss, repeated, reordered);
            link.Drop = new Mischief(pair, link, random.Next()).Drops;
        });
        return pair;
    }

    /// <summary>Changes a link's delay and width from time to time.</summary>
    private sealed class Mischief(UtpPair pair, VirtualLink link, int seed)
    {
        private const int MinMtu = 1_200;
        private readonly Random _random = new(seed);
        private readonly long _usualLatency = link.LatencyMicros;
        private long _nextAt = pair.Now.Micros;

        public bool Drops(byte[] datagram)
        {
            if (pair.Now.Micros < _nextAt) return false;
            _nextAt = pair.Now.Micros + _random.NextInt64(2_000_000);
            link.LatencyMicros = _random.Next(4) == 0 ? _random.NextInt64(3_000_000) : _usualLatency;
            if (_random.Next(4) == 0) link.Mtu = _random.Next(MinMtu, 1_500);
            return false;
        }
    }
}
