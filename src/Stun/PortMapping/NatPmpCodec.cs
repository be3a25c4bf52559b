using System.Buffers.Binary;
using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.PortMapping;

/// <summary>Reads and writes NAT-PMP messages (RFC 6886 §3).</summary>
/// <remarks>
/// <code>
/// external address  request  0 version=0 | 1 opcode=0
///                   response 0 version | 1 128 | 2 result | 4 epoch s | 8 IPv4 address
/// map               request  0 version | 1 opcode (1 UDP, 2 TCP) | 2 reserved | 4 internal port | 6 wished port | 8 lifetime s
///                   response 0 version | 1 128+opcode | 2 result | 4 epoch s | 8 internal port | 10 external port | 12 lifetime s
/// </code>
/// </remarks>
internal static class NatPmpCodec
{
    public const byte Version = 0;
    public const byte OpcodeExternalAddress = 0;
    public const byte OpcodeMapUdp = 1;
    public const byte OpcodeMapTcp = 2;
    public const int MapRequestBytes = 12;
    private const byte ResponseBit = 0x80;
    private const int ErrorBytes = 8;
    private const int AddressResponseBytes = 12;
    private const int MapResponseBytes = 16;

    /// <summary>Writes the question for the outer address.</summary>
    public static int WriteExternalAddress(Span<byte> destination)
    {
        destination[0] = Version;
        destination[1] = OpcodeExternalAddress;
        return 2;
    }

    /// <summary>Writes a request for a mapping; lifetime 0 with outer port 0 removes it (§3.4).</summary>
    public static int WriteMap(Span<byte> destination, MappingTransport transport, ushort internalPort, ushort externalPort, uint lifetimeSeconds)
    {
        destination[0] = Version;
        destination[1] = transport == MappingTransport.Udp ? OpcodeMapUdp : OpcodeMapTcp;
        destination[2] = destination[3] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(destination[4..], internalPort);
        BinaryPrimitives.WriteUInt16BigEndian(destination[6..], externalPort);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], lifetimeSeconds);
        return MapRequestBytes;
    }

    /// <summary>Reads a response of version 0; false for anything else. An error may end after the epoch.</summary>
    public static bool TryReadResponse(ReadOnlySpan<byte> message, out NatPmpResponse response)
    {
        response = default;
        if (message.Length < ErrorBytes || message[0] != Version || (message[1] & ResponseBit) == 0) return false;
        byte opcode = (byte)(message[1] & ~ResponseBit);
        var result = (NatPmpResultCode)BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        uint epoch = BinaryPrimitives.ReadUInt32BigEndian(message[4..]);
        int needed = opcode == OpcodeExternalAddress ? AddressResponseBytes : MapResponseBytes;
        if (message.Length < needed)
        {
            if (result == NatPmpResultCode.Success) return false;
            response = new NatPmpResponse(opcode, result, epoch, default, 0, 0, 0);
            return true;
        }

        response = opcode == OpcodeExternalAddress
            ? new NatPmpResponse(opcode, result, epoch, TransportAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(message[8..]), 0), 0, 0, 0)
            : new NatPmpResponse(
                opcode,
                result,
                epoch,
                default,
                BinaryPrimitives.ReadUInt16BigEndian(message[8..]),
                BinaryPrimitives.ReadUInt16BigEndian(message[10..]),
                BinaryPrimitives.ReadUInt32BigEndian(message[12..]));
        return true;
    }
}
