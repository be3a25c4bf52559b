using CS3103P2P.Protocol;
using CS3103P2P.Stun.PortMapping;

namespace CS3103P2P.Stun.Tests.PortMapping;

[TestClass]
public sealed class PcpCodecTests
{
    private static readonly PcpNonce Nonce = new([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    private static readonly TransportAddress Client = TransportAddress.FromIPv4(0xC0A80102, 0);

    [TestMethod]
    public void WriteMap_IPv4Client_HasTheLayoutOfRfc6887()
    {
        byte[] buffer = new byte[100];
        int length = PcpCodec.WriteMap(buffer, Client, 7200, new PcpMap(Nonce, MappingTransport.Udp, 6881, TransportAddress.FromIPv4(0, 6882)));
        string expected =
            "02010000" + "00001c20" + "00000000000000000000ffffc0a80102" +
            "0102030405060708090a0b0c" + "11000000" + "1ae1" + "1ae2" + "00000000000000000000ffff00000000";
        Assert.AreEqual(expected, Convert.ToHexStringLower(buffer.AsSpan(0, length)));
    }

    [TestMethod]
    public void WriteAnnounce_IsTheBareHeader()
    {
        byte[] buffer = new byte[24];
        Assert.AreEqual(24, PcpCodec.WriteAnnounce(buffer, Client));
        Assert.AreEqual("02000000" + "00000000" + "00000000000000000000ffffc0a80102", Convert.ToHexStringLower(buffer));
    }

    [TestMethod]
    public void TryReadResponse_ToMap_ReadsEveryField()
    {
        Assert.IsTrue(PcpCodec.TryReadResponse(PcpServerMessages.Map(Nonce, MappingTransport.Tcp, 6881, 7000, lifetime: 120, epoch: 99), out PcpResponse response));
        Assert.AreEqual(PcpCodec.OpcodeMap, response.Opcode);
        Assert.AreEqual(PcpResultCode.Success, response.Result);
        Assert.AreEqual(120u, response.LifetimeSeconds);
        Assert.AreEqual(99u, response.EpochSeconds);
        Assert.AreEqual(new PcpMap(Nonce, MappingTransport.Tcp, 6881, TransportAddress.FromIPv4(PcpServerMessages.ExternalAddress, 7000)), response.Map);
    }

    [TestMethod]
    public void TryReadResponse_EveryTruncation_IsRefused()
    {
        byte[] message = PcpServerMessages.Map(Nonce, MappingTransport.Udp, 6881, 6881, 120, 1);
        for (int length = 0; length < message.Length; length++) Assert.IsFalse(PcpCodec.TryReadResponse(message.AsSpan(0, length), out _), $"{length} bytes");
        Assert.IsTrue(PcpCodec.TryReadResponse(message, out _));
    }

    [TestMethod]
    [DataRow(0, (byte)1, DisplayName = "another version")]
    [DataRow(1, (byte)1, DisplayName = "a request")]
    public void TryReadResponse_NotAResponseOfVersion2_IsRefused(int offset, byte value)
    {
        byte[] message = PcpServerMessages.Map(Nonce, MappingTransport.Udp, 6881, 6881, 120, 1);
        message[offset] = value;
        Assert.IsFalse(PcpCodec.TryReadResponse(message, out _));
    }

    [TestMethod]
    public void TryReadResponse_MutatedBytes_NeverThrows()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] message = PcpServerMessages.Map(Nonce, MappingTransport.Udp, 6881, 6881, 120, 1);
            for (int change = random.Next(1, 8); change > 0; change--) message[random.Next(message.Length)] = (byte)random.Next(256);
            int length = random.Next(message.Length + 1);
            bool read = PcpCodec.TryReadResponse(message.AsSpan(0, length), out PcpResponse response);
            Assert.IsTrue(!read || (length % 4 == 0 && message[0] == 2 && response.Opcode < 0x80), $"seed {seed}, round {round}");
        }
    }
}
