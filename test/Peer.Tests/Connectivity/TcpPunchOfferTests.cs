using System.Text;
using CS3103P2P.Peer.Connectivity;
using CS3103P2P.Peer.Discovery;
using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Tests.Connectivity;

[TestClass]
public sealed class TcpPunchOfferTests
{
    private static readonly TransportAddress Seen = Address("203.0.113.5:1111");

    [TestMethod]
    public void TryRead_OfWhatEncodeWrote_GivesTheAddress()
    {
        Assert.IsTrue(TcpPunchOffer.TryRead(Offer(TcpPunchOffer.Encode(Address("203.0.113.5:50000"))), out TransportAddress address));
        Assert.AreEqual(Address("203.0.113.5:50000"), address);
    }

    [TestMethod]
    [DataRow("tcp/1 198.51.100.9:80", DisplayName = "somebody else's address")]
    [DataRow("tcp/1 127.0.0.1:80")]
    [DataRow("tcp/1 203.0.113.5")]
    [DataRow("tcp/1 203.0.113.5:0")]
    [DataRow("tcp/1 [2001:db8::1]:80")]
    [DataRow("tcp/1 ")]
    [DataRow("dial/1")]
    [DataRow("")]
    public void TryRead_OfAnythingElse_IsRefused(string text) => Assert.IsFalse(TcpPunchOffer.TryRead(Offer(Encoding.ASCII.GetBytes(text)), out _));

    [TestMethod]
    public void TryRead_OfMutatedOffers_NeverNamesAnotherHost()
    {
        byte[] good = TcpPunchOffer.Encode(Address("203.0.113.5:50000"));
        var random = new Random(1);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = [.. good.Take(random.Next(good.Length + 1))];
            for (int change = random.Next(4); change > 0 && bytes.Length > 0; change--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (TcpPunchOffer.TryRead(Offer(bytes), out TransportAddress address)) Assert.AreEqual(Seen.AddressBits, address.AddressBits, $"round {i} of seed 1");
        }
    }

    private static RendezvousOffer Offer(byte[] bytes) => new(default, Seen, bytes);

    private static TransportAddress Address(string text) =>
        TransportAddress.TryParse(text, 0, out TransportAddress address) ? address : throw new ArgumentException(text);
}
