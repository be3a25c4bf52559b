using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Tests;

[TestClass]
public sealed class TurnPartsTests
{
    [TestMethod]
    [DataRow("8.8.8.8:1", true)]
    [DataRow("100.63.255.255:1", true)]
    [DataRow("100.64.0.0:1", false)]
    [DataRow("172.15.255.255:1", true)]
    [DataRow("172.31.255.255:1", false)]
    [DataRow("0.0.0.1:1", false)]
    [DataRow("224.0.0.1:1", false)]
    [DataRow("255.255.255.255:1", false)]
    [DataRow("[2606:4700::1]:1", true)]
    [DataRow("[::1]:1", false)]
    [DataRow("[fd00::1]:1", false)]
    [DataRow("[fe80::1]:1", false)]
    [DataRow("[ff02::1]:1", false)]
    [DataRow("[64:ff9b::a00:1]:1", false)]
    [DataRow("[2002:a00:1::]:1", false)]
    [DataRow("[::ffff:10.0.0.1]:1", false)]
    public void IsPublic_OfAnAddress_FollowsTheRegistry(string address, bool expected) =>
        Assert.AreEqual(expected, TurnPeerPolicy.IsPublic(Addresses.Of(address)));

    [TestMethod]
    [DataRow("turn:relay.example", "relay.example", 3478, TurnTransport.Udp, null, null)]
    [DataRow("turn:relay.example:3479?transport=tcp", "relay.example", 3479, TurnTransport.Tcp, null, null)]
    [DataRow("turns:relay.example", "relay.example", 5349, TurnTransport.Tls, null, null)]
    [DataRow("turn:user:pa%40ss@[2001:db8::1]:99?transport=udp", "2001:db8::1", 99, TurnTransport.Udp, "user", "pa@ss")]
    [DataRow("turn:1700000000:bob:aGk=@relay", "relay", 3478, TurnTransport.Udp, "1700000000:bob", "aGk=")]
    public void TryParse_OfAUri_ReadsItsParts(string text, string host, int port, TurnTransport transport, string? user, string? password)
    {
        Assert.IsTrue(TurnUri.TryParse(text, out TurnUri? uri));
        Assert.AreEqual((host, port, transport), (uri.Host, (int)uri.Port, uri.Transport));
        Assert.AreEqual((user, password), (uri.Credentials?.Username, uri.Credentials?.Password));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("stun:relay")]
    [DataRow("turn:")]
    [DataRow("turn:relay:0")]
    [DataRow("turn:relay:70000")]
    [DataRow("turn:user@relay")]
    [DataRow("turn:relay?transport=sctp")]
    [DataRow("turns:relay?transport=udp")]
    [DataRow("turn:[::1")]
    public void TryParse_OfABadUri_IsRefused(string text) => Assert.IsFalse(TurnUri.TryParse(text, out _));

    [TestMethod]
    public void TryRead_OfChannelData_RefusesEveryTruncation()
    {
        var frame = new byte[ChannelData.FrameBytes(10, isStream: true)];
        Assert.HasCount(16, frame);
        ChannelData.Write(frame, 0x4001, "ten bytes."u8);
        for (int length = 0; length < 14; length++) Assert.IsFalse(ChannelData.TryRead(frame.AsSpan(0, length), out _, out _));
        Assert.IsTrue(ChannelData.TryRead(frame, out int channel, out ReadOnlySpan<byte> data));
        Assert.AreEqual(0x4001, channel);
        Assert.IsTrue(data.SequenceEqual("ten bytes."u8));
        frame[0] = 0x80;
        Assert.IsFalse(ChannelData.TryRead(frame, out _, out _));
    }

    [TestMethod]
    public void TryGetFrameBytes_OfBothKinds_CountsPaddingAndHeaders()
    {
        Assert.IsTrue(TurnStreamFraming.TryGetFrameBytes([0, 1, 0, 8], out int stun));
        Assert.IsTrue(TurnStreamFraming.TryGetFrameBytes([0x40, 0, 0, 5], out int channel));
        Assert.AreEqual((28, 12), (stun, channel));
        Assert.IsFalse(TurnStreamFraming.TryGetFrameBytes([0, 1, 0, 7], out _));
        Assert.IsFalse(TurnStreamFraming.TryGetFrameBytes([0x80, 0, 0, 4], out _));
        Assert.IsFalse(TurnStreamFraming.TryGetFrameBytes([0xC0, 0, 0, 4], out _));
        Assert.IsTrue(TurnStreamFraming.TryGetFrameBytes([0x4F, 0xFF, 0xFF, 0xFF], out int longest));
        Assert.IsLessThanOrEqualTo(TurnStreamFraming.MaxFrameBytes, longest);
    }

    [TestMethod]
    public void Nonces_OfAnotherClientOrTime_AreInvalid()
    {
        var nonces = new TurnNonces(new byte[32]);
        TransportAddress client = Addresses.Of("203.0.113.5:6881");
        var nonce = new byte[TurnNonces.SizeInBytes];
        nonces.Write(default, client, nonce);
        Assert.IsTrue(nonces.IsValid(default, client, nonce));
        Assert.IsFalse(nonces.IsValid(default, client.WithPort(6882), nonce));
        Assert.IsTrue(nonces.IsValid(new MonotonicTime(3_599_999_999), client, nonce));
        Assert.IsFalse(nonces.IsValid(new MonotonicTime(3_600_000_000), client, nonce));
        Assert.IsFalse(new TurnNonces(Enumerable.Repeat((byte)1, 32).ToArray()).IsValid(default, client, nonce));
        Assert.IsFalse(nonces.IsValid(default, client, "short"u8));
    }

    [TestMethod]
    public void CreateEphemeral_OfAUser_IsRecognisedUntilItExpires()
    {
        TurnCredentials user = TurnCredentials.CreateEphemeral("secret", "bob", 1000);
        Assert.AreEqual("1000:bob", user.Username);
        Assert.IsTrue(TurnCredentials.TryGetEphemeralPassword("secret", user.Username, 999, out string? password));
        Assert.AreEqual(user.Password, password);
        Assert.IsFalse(TurnCredentials.TryGetEphemeralPassword("secret", user.Username, 1000, out _));
        Assert.IsFalse(TurnCredentials.TryGetEphemeralPassword("secret", "-5:bob", 0, out _));
        Assert.IsFalse(TurnCredentials.TryGetEphemeralPassword("secret", "bob", 0, out _));
    }
}
