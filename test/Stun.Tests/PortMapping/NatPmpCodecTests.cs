using CS3103P2P.Protocol;
using CS3103P2P.Stun.PortMapping;

namespace CS3103P2P.Stun.Tests.PortMapping;

[TestClass]
public sealed class NatPmpCodecTests
{
    private static readonly byte[] AddressResponse = Convert.FromHexString("00800000" + "00000064" + "190a0001");
    private static readonly byte[] MapResponse = Convert.FromHexString("00810000" + "00000064" + "1ae11b5800001c20");

    [TestMethod]
    public void WriteMap_Tcp_HasTheLayoutOfRfc6886()
    {
        byte[] buffer = new byte[12];
        Assert.AreEqual(12, NatPmpCodec.WriteMap(buffer, MappingTransport.Tcp, 6881, 7000, 7200));
        Assert.AreEqual("00020000" + "1ae1" + "1b58" + "00001c20", Convert.ToHexStringLower(buffer));
    }

    [TestMethod]
    public void TryReadResponse_ToAddressQuestion_ReadsTheAddress()
    {
        Assert.IsTrue(NatPmpCodec.TryReadResponse(AddressResponse, out NatPmpResponse response));
        Assert.AreEqual(100u, response.EpochSeconds);
        Assert.AreEqual(TransportAddress.FromIPv4(0x190A0001, 0), response.ExternalAddress);
    }

    [TestMethod]
    public void TryReadResponse_ToMapRequest_ReadsPortsAndLifetime()
    {
        Assert.IsTrue(NatPmpCodec.TryReadResponse(MapResponse, out NatPmpResponse response));
        Assert.AreEqual(NatPmpCodec.OpcodeMapUdp, response.Opcode);
        Assert.AreEqual((6881, 7000, 7200u), ((int)response.InternalPort, (int)response.ExternalPort, response.LifetimeSeconds));
    }

    [TestMethod]
    public void TryReadResponse_ErrorWithoutBody_IsRead()
    {
        Assert.IsTrue(NatPmpCodec.TryReadResponse(Convert.FromHexString("0081000200000064"), out NatPmpResponse response));
        Assert.AreEqual(NatPmpResultCode.NotAuthorized, response.Result);
    }

    [TestMethod]
    public void TryReadResponse_EveryTruncation_IsRefused()
    {
        foreach (byte[] message in new[] { AddressResponse, MapResponse })
        {
            for (int length = 0; length < message.Length; length++) Assert.IsFalse(NatPmpCodec.TryReadResponse(message.AsSpan(0, length), out _), $"{length} bytes");
        }
    }

    [TestMethod]
    public void TryReadResponse_MutatedBytes_NeverThrows()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] message = [.. MapResponse];
            for (int change = random.Next(1, 5); change > 0; change--) message[random.Next(message.Length)] = (byte)random.Next(256);
            bool read = NatPmpCodec.TryReadResponse(message.AsSpan(0, random.Next(message.Length + 1)), out NatPmpResponse response);
            Assert.IsTrue(!read || (message[0] == 0 && response.Opcode < 0x80), $"seed {seed}, round {round}");
        }
    }
}
