using System.Net;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Hosting;
using CS3103P2P.Transport;

namespace CS3103P2P.Tracker.Tests.Hosting;

[TestClass]
public sealed class TrackerStunTests
{
    [TestMethod]
    public void Plan_TwoAddresses_AreServedTogetherOnTwoPorts()
    {
        Assert.AreEqual("203.0.113.1:3478+203.0.113.2:3479", Plan("203.0.113.1:3478", "203.0.113.2:3478"));
        Assert.AreEqual("203.0.113.1:4000+203.0.113.2:5000", Plan("203.0.113.1:4000", "203.0.113.2:5000"));
        Assert.AreEqual("203.0.113.1:65535+203.0.113.2:65534", Plan("203.0.113.1:65535", "203.0.113.2:65535"));
    }

    [TestMethod]
    public void Plan_OneAddressOrFamiliesOrAnyAddress_AreServedAlone()
    {
        Assert.AreEqual("203.0.113.1:1 203.0.113.1:2", Plan("203.0.113.1:1", "203.0.113.1:2"));
        Assert.AreEqual("0.0.0.0:1 203.0.113.1:2", Plan("0.0.0.0:1", "203.0.113.1:2"));
        Assert.AreEqual("203.0.113.1:1 [2001:db8::1]:1+[2001:db8::2]:2", Plan("203.0.113.1:1", "[2001:db8::1]:1", "[2001:db8::2]:2"));
    }

    [TestMethod]
    public void Admit_ASourceAboveItsRate_IsNotAnsweredAndOthersAre()
    {
        var stun = new TrackerStun(requestsPerSecond: 10, new MonotonicClock(TimeProvider.System));
        var greedy = new TransportAddress(IPAddress.Parse("203.0.113.9"), 1000);

        int admitted = Enumerable.Range(0, 1_000).Count(i => stun.Admit(greedy.WithPort((ushort)(1_000 + i))));

        Assert.IsInRange(20, 200, admitted);
        Assert.AreEqual(1_000 - admitted, stun.Limited);
        Assert.IsTrue(stun.Admit(new TransportAddress(IPAddress.Parse("203.0.113.10"), 1000)));
    }

    private static string Plan(params string[] addresses) => string.Join(' ', TrackerStun.Plan([.. addresses.Select(Parse)])
        .Select(server => server.Alternate is { } alternate ? $"{server.Listen}+{alternate}" : $"{server.Listen}"));

    private static TransportAddress Parse(string text) => TransportAddress.TryParse(text, 0, out TransportAddress address) ? address : throw new FormatException(text);
}
