using CS3103P2P.Peer.Discovery;
using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Tests.Mdns;

[TestClass]
public sealed class LanPeerTableTests
{
    private static readonly TransportAddress Wired = TransportAddress.FromIPv4(0xC0A80102, 6881);
    private static readonly TransportAddress Wireless = TransportAddress.FromIPv4(0xC0A80202, 6881);

    [TestMethod]
    public void Apply_PeerOnTwoLinks_CountsOnceUntilBothLoseIt()
    {
        var table = new LanPeerTable();
        Assert.IsTrue(table.Apply(1, At(Wired), isLost: false, out LanPeer? present));
        Assert.HasCount(1, present!.Addresses);
        Assert.IsTrue(table.Apply(2, At(Wireless), isLost: false, out present));
        CollectionAssert.AreEqual(new[] { Wired, Wireless }, present!.Addresses.ToArray());
        Assert.HasCount(1, table.Snapshot());
        Assert.IsTrue(table.Apply(1, At(Wired), isLost: true, out present));
        CollectionAssert.AreEqual(new[] { Wireless }, present!.Addresses.ToArray());
        Assert.IsTrue(table.Apply(2, At(Wireless), isLost: true, out present));
        Assert.IsNull(present);
        Assert.IsEmpty(table.Snapshot());
    }

    [TestMethod]
    public void Apply_NothingNew_IsNoChange()
    {
        var table = new LanPeerTable();
        table.Apply(1, At(Wired), isLost: false, out _);
        Assert.IsFalse(table.Apply(1, At(Wired), isLost: false, out _));
        Assert.IsFalse(table.Apply(2, At(Wired), isLost: false, out _), "the same address by another link");
    }

    private static LanPeer At(TransportAddress address) => new(MdnsRig.IdOf(1), "one", [address], 1);
}
