using System.Text;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Udp;

namespace CS3103P2P.Tracker.Tests.Udp;

/// <summary>What hostile senders can make the tracker do.</summary>
[TestClass]
public sealed class AbuseTests
{
    private static readonly string Peer = string.Concat(Enumerable.Repeat("ab", PeerId.SizeInBytes));

    [TestMethod]
    public void Ask_ExtensionClientsWithoutCookie_GetAtMostThreeBytesForEach()
    {
        const int Seed = 5103;
        var random = new Random(Seed);
        var tracker = new VirtualTracker(new TrackerCoreOptions { RequestsPerSecond = 0 });
        for (int peer = 1; peer < 100; peer++) tracker.AskProven($"203.0.113.{peer}:6881", $"REQUEST 4 f{peer % 7} - - chunks=1-9,20-30 id=1 peer={peer:x64}");
        string[] requests = ["REQUEST 1 f1 id=1", "REQUEST 6 id=1", "REQUEST 7 f1 id=abcdef", $"REFRESH peer={Peer}", "REQUEST 4 f1 1 - id=2", "REQUEST 5 id=3", "REQUEST 1 f1 page=1-0-9", "REQUEST 1 f2 cookie=00000000000000ff"];
        for (int turn = 0; turn < 5_000; turn++)
        {
            string request = requests[random.Next(requests.Length)];
            int sent = tracker.Send(VirtualTracker.Address("198.51.100.66:53"), Encoding.ASCII.GetBytes(request)).Sum(one => one.Bytes);
            Assert.IsLessThanOrEqualTo(request.Length * TrackerLimits.MaxUnprovenAmplification, sent, $"seed {Seed}, turn {turn}: {request}");
        }
    }

    [TestMethod]
    public void Ask_ForgedLiteralRequests_SendAFixedRateToAVictimAndItsNetwork()
    {
        const int Seconds = 6, BurstSeconds = 4;
        var options = new TrackerCoreOptions { RequestsPerSecond = 0 };
        var tracker = new VirtualTracker(options);
        for (int chunk = 1; chunk <= 500; chunk++) tracker.Ask("203.0.113.5", $"REQUEST 4 large {chunk} 203.0.113.5");
        var bytes = new Dictionary<TransportAddress, long>();
        byte[][] requests = [.. new[] { "REQUEST 1 large", "x", "REQUEST 9", "REQUEST 6" }.Select(Encoding.ASCII.GetBytes)];
        for (int turn = 0; turn < Seconds * 100; turn++)
        {
            tracker.Advance(TimeSpan.FromMilliseconds(10));
            for (int host = 1; host <= 40; host++)
            {
                TransportAddress victim = VirtualTracker.Address($"198.51.100.{host}:53");
                foreach (VirtualTracker.Sent sent in tracker.Send(victim, requests[turn % requests.Length])) bytes[victim] = bytes.GetValueOrDefault(victim) + sent.Bytes;
            }
        }

        long allowed = options.LiteralBytesPerSecond * (long)(Seconds + BurstSeconds);
        Assert.IsLessThanOrEqualTo(allowed, bytes.Values.Max());
        Assert.IsLessThanOrEqualTo(allowed * RateLimiter.NetworkFactor, bytes.Values.Sum());
        Assert.IsGreaterThan(0, bytes.Values.Sum());
    }

    [TestMethod]
    [DataRow("2001:db8:0:100::1", "2001:db8:0:1ff::1", true)]
    [DataRow("2001:db8:0:100::1", "2001:db8:0:200::1", false)]
    [DataRow("198.51.100.1", "198.51.100.2", false)]
    public void TrySpend_Neighbours_ShareAnIPv6Slash56Only(string first, string second, bool share)
    {
        var limiter = new RateLimiter(1, 10, 1_024, 99);
        TransportAddress one = new(System.Net.IPAddress.Parse(first), 1), other = new(System.Net.IPAddress.Parse(second), 1);
        Assert.IsTrue(limiter.TrySpend(default, one, 10));
        Assert.AreEqual(!share, limiter.TrySpend(default, other, 10));
    }

    [TestMethod]
    public void TrySpend_ManyAddressesOfAnIPv4Network_AreLimitedTogether()
    {
        var limiter = new RateLimiter(1, 10, 1_024, 99);
        int allowed = Enumerable.Range(0, 256).Count(host => limiter.TrySpend(default, TransportAddress.FromIPv4(0xC6336400 + (uint)host, 1), 10));
        Assert.AreEqual(RateLimiter.NetworkFactor, allowed);
    }

    [TestMethod]
    public void Answer_LookupsAndRegistrations_AllocateNothing()
    {
        var tracker = new VirtualTracker();
        TransportAddress source = VirtualTracker.Address("127.0.0.1:6881");
        string challenge = tracker.Ask("127.0.0.1:6881", $"REFRESH peer={Peer} id=1")!;
        string cookie = challenge.Split(' ').Single(token => token.StartsWith("cookie=", StringComparison.Ordinal));
        byte[][] requests = [.. new[]
        {
            $"REQUEST 4 f - - chunks=1-9 peer={Peer} size=2048000 chunk=2048 root={Peer} {cookie} id=1", $"REQUEST 3 f 10 peer={Peer} {cookie} id=2",
            $"REQUEST 1 f {cookie} id=3", $"REQUEST 7 f {cookie} id=4", $"REFRESH peer={Peer} {cookie} id=5", "REQUEST 1 f", "REQUEST 1 f id=6",
        }.Select(Encoding.ASCII.GetBytes)];
        byte[] reply = new byte[TrackerLimits.MaxRequestBytes];
        Repeat(2_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Repeat(2_000);
        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Repeat(int times)
        {
            for (int i = 0; i < times; i++)
            {
                int length = tracker.Core.Answer(tracker.Now, 0, source, requests[i % requests.Length], reply);
                if (length == 0) throw new InvalidOperationException("No reply.");
            }
        }
    }
}
