using CS3103P2P.Transport.Utp;

namespace CS3103P2P.Transport.Tests.Utp;

/// <summary>
/// A property over many seeds, on virtual time: whatever a relay does to datagrams (loss of 0 to 20 %, repetition, reordering, delay spikes,
/// a path that becomes narrower), the bytes arrive as they were sent. Damage is another matter: uTP has no checksum of its own, and a relay
/// that cuts datagrams or flips bits writes a good UDP checksum under them, so damaged payload cannot be told from payload. TLS, which runs
/// above in this product, sees it and ends the stream: <c>UtpFuzzRelayTests</c>.
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
