using System.Net;
using System.Net.Sockets;
using CS3103P2P.Protocol;

namespace CS3103P2P.Transport.Tests;

[TestClass]
public sealed class SocketAddressCodecTests
{
    [TestMethod]
    [DataRow("192.0.2.7", 80, AddressFamily.InterNetwork)]
    [DataRow("::ffff:192.0.2.7", 443, AddressFamily.InterNetworkV6)]
    [DataRow("2001:db8::1", 65535, AddressFamily.InterNetworkV6)]
    [DataRow("fe80::1%3", 6881, AddressFamily.InterNetworkV6)]
    public void TryWrite_ReadBack_SameBytesAsTheSystemsOwn(string text, int port, AddressFamily family)
    {
        var endPoint = new IPEndPoint(IPAddress.Parse(text), port);
        var address = new TransportAddress(endPoint);
        bool v6 = family == AddressFamily.InterNetworkV6;
        SocketAddress mine = SocketAddressCodec.Create(family);

        Assert.IsTrue(SocketAddressCodec.TryWrite(address, v6, mine.Buffer.Span));

        SocketAddress theirs = endPoint.Serialize();
        Assert.IsTrue(theirs.Buffer.Span[..theirs.Size].SequenceEqual(mine.Buffer.Span[..mine.Size]));
        Assert.AreEqual(address, SocketAddressCodec.Read(mine.Buffer.Span, v6));
    }

    [TestMethod]
    public void TryWrite_SixIntoFour_False() =>
        Assert.IsFalse(SocketAddressCodec.TryWrite(new TransportAddress(IPAddress.IPv6Loopback, 1), v6: false, new byte[SocketAddressCodec.SizeV4]));

    [TestMethod]
    public void TryWrite_AfterALinkLocalAddress_TheZoneIsGone()
    {
        byte[] reused = new byte[SocketAddressCodec.SizeV6];
        SocketAddressCodec.TryWrite(new TransportAddress(IPAddress.Parse("fe80::1%9"), 1), v6: true, reused);
        SocketAddressCodec.TryWrite(new TransportAddress(IPAddress.Parse("2001:db8::1"), 1), v6: true, reused);
        Assert.IsTrue(reused.AsSpan(24, 4).IndexOfAnyExcept((byte)0) < 0);
    }
}
