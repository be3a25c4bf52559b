using CS3103P2P.Stun.Ice;

namespace CS3103P2P.Stun.Tests.Ice;

[TestClass]
public sealed class IceCandidateFilterTests
{
    [TestMethod]
    [DataRow("192.168.1.77:80", true)]
    [DataRow("192.168.2.77:80", false)]
    [DataRow("10.0.0.1:80", false)]
    [DataRow("127.0.0.1:80", false)]
    [DataRow("169.254.1.1:80", false)]
    [DataRow("224.0.0.1:80", false)]
    [DataRow("255.255.255.255:80", false)]
    [DataRow("0.0.0.0:80", false)]
    [DataRow("203.0.113.7:80", true)]
    [DataRow("[::1]:80", false)]
    [DataRow("[fe80::1]:80", false)]
    [DataRow("[ff02::1]:80", false)]
    [DataRow("[fd00:1::9]:80", true)]
    [DataRow("[fd00:2::9]:80", false)]
    [DataRow("[2001:db8::9]:80", true)]
    public void Filter_AddressOfAStranger_PassesOnlyWhenPlausible(string address, bool passes)
    {
        IceCandidate[] kept = [.. Filter().Filter([IceCandidate.Create(IceCandidateType.Host, Addresses.Of(address))])];
        Assert.HasCount(passes ? 1 : 0, kept);
    }

    [TestMethod]
    public void Filter_PeerBehindTheSamePublicAddress_MayBeInAnotherPrivateNetwork()
    {
        IceCandidate[] offered =
        [
            IceCandidate.Create(IceCandidateType.Host, Addresses.Of("10.9.9.9:6881")),
            IceCandidate.Create(IceCandidateType.Host, Addresses.Of("127.0.0.1:6881")),
            IceCandidate.Create(IceCandidateType.ServerReflexive, Addresses.Of("203.0.113.1:9999")),
        ];
        CollectionAssert.AreEqual(new[] { offered[0], offered[2] }, Filter().Filter(offered).ToArray());
    }

    [TestMethod]
    public void Filter_ManyPrivateAddresses_KeepsAFew()
    {
        IceCandidate[] offered = [.. Enumerable.Range(1, 30).Select(i => IceCandidate.Create(IceCandidateType.Host, Addresses.Of($"192.168.1.{i}:80")))];
        Assert.AreEqual(IceCandidateFilter.MaxPrivateCandidates, Filter().Filter(offered).Count());
    }

    private static IceCandidateFilter Filter()
    {
        var filter = new IceCandidateFilter();
        IceSubnet[] subnets = [new IceSubnet(Addresses.Of("192.168.1.2:6881"), 24), new IceSubnet(Addresses.Of("[fd00:1::2]:6881"), 64)];
        filter.SetLocal(subnets, [IceCandidate.Create(IceCandidateType.ServerReflexive, Addresses.Of("203.0.113.1:40000"))]);
        return filter;
    }
}
