using System.Buffers.Binary;
using CS3103P2P.Protocol;
using CS3103P2P.Stun.PortMapping;

namespace CS3103P2P.Stun.Tests.PortMapping;

/// <summary>What a PCP server would send, written byte by byte and not with the codec under test.</summary>
internal static class PcpServerMessages
{
    public const uint ExternalAddress = 0x190A0001; // 25.10.0.1

    public static byte[] Announce(uint epoch, PcpResultCode result = PcpResultCode.Success) => Header(24, 0x80, result, 0, epoch);

    public static byte[] Map(
        PcpNonce nonce,
        MappingTransport transport,
        ushort internalPort,
        ushort externalPort,
        uint lifetime,
        uint epoch,
        PcpResultCode result = PcpResultCode.Success,
        uint externalAddress = ExternalAddress)
    {
        byte[] message = Header(60, 0x81, result, lifetime, epoch);
        nonce.CopyTo(message.AsSpan(24));
        message[36] = (byte)transport;
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(40), internalPort);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(42), externalPort);
        BinaryPrimitives.WriteUInt128BigEndian(message.AsSpan(44), TransportAddress.FromIPv4(externalAddress, 0).AddressBits);
        return message;
    }

    private static byte[] Header(int length, byte opcode, PcpResultCode result, uint lifetime, uint epoch)
    {
        byte[] message = new byte[length];
        message[0] = 2;
        message[1] = opcode;
        message[3] = (byte)result;
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(4), lifetime);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(8), epoch);
        return message;
    }
}
