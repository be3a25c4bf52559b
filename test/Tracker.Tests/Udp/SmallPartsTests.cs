using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Registry;
using CS3103P2P.Tracker.Udp;
using CS3103P2P.Transport;

namespace CS3103P2P.Tracker.Tests.Udp;

[TestClass]
public sealed class SmallPartsTests
{
    private static readonly TransportAddress Peer = TransportAddress.FromIPv4(0x01020304, 5);

    // The vectors of the reference implementation: key 00..0f, input 00..0e, and the first of its table.
    [TestMethod]
    [DataRow(15, 0xa129ca6149be45e5UL)]
    [DataRow(0, 0x726fdb47dd0e0e31UL)]
    [DataRow(8, 0x93f5f5799a932462UL)]
    public void Compute_PublishedVectors_Agree(int length, ulong expected)
    {
        byte[] key = [.. Enumerable.Range(0, 16).Select(i => (byte)i)];
        Assert.AreEqual(expected, SipHash.Compute(key, key.AsSpan(0, length)));
    }

    [TestMethod]
    public void Check_Cookie_IsGoodForItsAddressAndTwoPeriods()
    {
        var jar = new CookieJar("0123456789abcdef"u8);
        MonotonicTime now = new(1);
        ulong cookie = jar.Issue(now, Peer);
        Assert.IsTrue(jar.Check(now, Peer, cookie, out bool isOld));
        Assert.IsFalse(isOld);
        Assert.IsFalse(jar.Check(now, Peer.WithPort(6), cookie, out _));
        Assert.IsFalse(jar.Check(now, TransportAddress.FromIPv4(0x01020305, 5), cookie, out _));
        Assert.IsTrue(jar.Check(now + CookieJar.Period, Peer, cookie, out isOld));
        Assert.IsTrue(isOld);
        Assert.IsFalse(jar.Check(now + (2 * CookieJar.Period), Peer, cookie, out _));
        Assert.IsFalse(new CookieJar("0123456789abcdeF"u8).Check(now, Peer, cookie, out _));
    }

    [TestMethod]
    public void TrySpend_OverTheRate_IsRefusedUntilTimePasses()
    {
        var limiter = new RateLimiter(10, 20, 64);
        MonotonicTime now = new(0);
        for (int i = 0; i < 20; i++) Assert.IsTrue(limiter.TrySpend(now, Peer, 1));
        Assert.IsFalse(limiter.TrySpend(now, Peer, 1));
        Assert.IsTrue(limiter.TrySpend(now, TransportAddress.FromIPv4(0x01020305, 5), 1));
        Assert.IsFalse(limiter.TrySpend(now + TimeSpan.FromMilliseconds(50), Peer, 1));
        Assert.IsTrue(limiter.TrySpend(now + TimeSpan.FromMilliseconds(150), Peer, 1));
        Assert.IsTrue(limiter.TrySpend(now, TransportAddress.FromIPv4(0x7F000001, 1), 1_000_000));
    }

    [TestMethod]
    [DataRow("203.0.113.5", "203.0.113.5", true)]
    [DataRow("203.0.113.5", "203.0.113.6", false)]
    [DataRow("203.0.113.5", "10.0.0.1", false)]
    [DataRow("127.0.0.1", "203.0.113.5", true)]
    [DataRow("127.0.0.1", "127.0.0.2", true)]
    [DataRow("192.168.1.5", "203.0.113.5", true)]
    [DataRow("172.31.1.5", "203.0.113.5", true)]
    [DataRow("172.32.1.5", "203.0.113.5", false)]
    [DataRow("100.64.0.1", "203.0.113.5", true)]
    [DataRow("169.254.0.1", "203.0.113.5", true)]
    [DataRow("192.168.1.5", "127.0.0.1", false)]
    [DataRow("127.0.0.1", "0.0.0.0", false)]
    [DataRow("127.0.0.1", "224.0.0.1", false)]
    [DataRow("127.0.0.1", "255.255.255.255", false)]
    [DataRow("fd00::1", "2001:db8::5", true)]
    [DataRow("fe80::1", "2001:db8::5", true)]
    [DataRow("2001:db8::1", "2001:db8::5", false)]
    [DataRow("2001:db8::1", "2001:db8::1", true)]
    [DataRow("::1", "ff02::1", false)]
    public void MayName_SourceAndNamed_AsDocumented(string source, string named, bool expected) =>
        Assert.AreEqual(expected, AddressRules.MayName(VirtualTracker.Address(source), VirtualTracker.Address(named)));
}
