using CS3103P2P.Peer.Discovery.Mdns;

namespace CS3103P2P.Peer.Tests.Mdns;

[TestClass]
public sealed class DnsNameTests
{
    [TestMethod]
    public void Of_Labels_IsTheirWireForm()
    {
        CollectionAssert.AreEqual("\u0002ab\u0005local\0"u8.ToArray(), DnsName.Of("ab", "local").Wire.ToArray());
        Assert.AreEqual("_cs3103p2p._udp.local.", MdnsService.Type.ToString());
    }

    [TestMethod]
    public void TryRead_CompressedName_FollowsThePointer()
    {
        byte[] message = [.. "\u0005local\0"u8, .. "\u0002ab"u8, 0xC0, 0];
        int at = 7;
        Assert.IsTrue(DnsName.TryRead(message, ref at, out DnsName name));
        Assert.AreEqual(DnsName.Of("ab", "local"), name);
        Assert.AreEqual(message.Length, at);
    }

    [TestMethod]
    [DataRow(new byte[] { 0xC0, 0 }, 0, DisplayName = "a pointer to itself")]
    [DataRow(new byte[] { 0xC0, 2, 0xC0, 0 }, 2, DisplayName = "two pointers in a ring")]
    [DataRow(new byte[] { 0xC0, 2, 0 }, 0, DisplayName = "a pointer forwards")]
    [DataRow(new byte[] { 1, 97, 0xC0, 0 }, 0, DisplayName = "a name that contains itself")]
    [DataRow(new byte[] { 0x40, 97, 0 }, 0, DisplayName = "a reserved label type")]
    [DataRow(new byte[] { 3, 97, 98 }, 0, DisplayName = "a label beyond the end")]
    [DataRow(new byte[] { 1, 97 }, 0, DisplayName = "no final zero")]
    [DataRow(new byte[] { 0xC0 }, 0, DisplayName = "half a pointer")]
    public void TryRead_BrokenName_IsRefused(byte[] message, int at) => Assert.IsFalse(DnsName.TryRead(message, ref at, out _));

    [TestMethod]
    public void TryRead_ManyJumps_AreLimited()
    {
        byte[] message = new byte[2 + (2 * 20)];
        for (int i = 1; i <= 20; i++)
        {
            message[2 * i] = 0xC0;
            message[(2 * i) + 1] = (byte)(2 * (i - 1));
        }

        int near = 2 * 10;
        Assert.IsTrue(DnsName.TryRead(message, ref near, out _));
        int far = 2 * 20;
        Assert.IsFalse(DnsName.TryRead(message, ref far, out _));
    }

    [TestMethod]
    public void TryRead_NameOver255Bytes_IsRefused()
    {
        byte[] message = new byte[300];
        for (int label = 0; label < 4; label++) message[label * 64] = 63;
        int at = 0;
        Assert.IsFalse(DnsName.TryRead(message, ref at, out _), "4 x 64 + 1 bytes");
        message[192] = 61;
        at = 0;
        Assert.IsTrue(DnsName.TryRead(message, ref at, out DnsName name));
        Assert.AreEqual(255, name.Wire.Length);
    }

    [TestMethod]
    public void Equals_CaseOfAsciiLetters_DoesNotCount()
    {
        Assert.AreEqual(DnsName.Of("Kitchen", "LOCAL"), DnsName.Of("kitchen", "local"));
        Assert.AreEqual(DnsName.Of("Kitchen", "LOCAL").GetHashCode(), DnsName.Of("kitchen", "local").GetHashCode());
        Assert.AreNotEqual(DnsName.Of("kitchen2", "local"), DnsName.Of("kitchen", "local"));
    }

    [TestMethod]
    public void TryPrepend_LabelTooLong_IsRefused()
    {
        Assert.IsTrue(MdnsService.Type.TryPrepend(new string('x', 63), out _));
        Assert.IsFalse(MdnsService.Type.TryPrepend(new string('x', 64), out _));
        Assert.IsFalse(MdnsService.Type.TryPrepend(new string('ü', 32), out _), "64 bytes of UTF-8");
        Assert.IsFalse(MdnsService.Type.TryPrepend("", out _));
    }

    [TestMethod]
    public void IsChildOf_OneLabelMore_IsTrueOnlyThen()
    {
        Assert.IsTrue(MdnsService.Type.TryPrepend("peer", out DnsName child));
        Assert.IsTrue(child.IsChildOf(MdnsService.Type));
        Assert.IsTrue(child.TryPrepend("sub", out DnsName grandchild));
        Assert.IsFalse(grandchild.IsChildOf(MdnsService.Type));
        Assert.IsFalse(MdnsService.Type.IsChildOf(MdnsService.Type));
        Assert.IsFalse(default(DnsName).IsChildOf(MdnsService.Type));
    }
}
