using System.Buffers.Binary;
using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.PortMapping;

/// <summary>Reads and writes PCP messages (RFC 6887 §7 and §11.1), without options.</summary>
/// <remarks>
/// <code>
/// request   0 version=2 | 1 0,opcode | 2 reserved | 4 lifetime s | 8 client address (16 bytes, IPv4 mapped)
/// response  0 version=2 | 1 1,opcode | 2 reserved | 3 result | 4 lifetime s | 8 epoch s | 12 reserved (12)
/// MAP, both 24 nonce (12) | 36 protocol | 37 reserved (3) | 40 internal port | 42 external port | 44 external address (16)
/// </code>
/// </remarks>
internal static class PcpCodec
{
    public const byte Version = 2;
    public const byte OpcodeAnnounce = 0;
    public const byte OpcodeMap = 1;
    public const int AnnounceBytes = 24;
    public const int MapBytes = 60;
    public const int MaxMessageBytes = 1100;
    private const byte ResponseBit = 0x80;

    /// <summary>Writes an ANNOUNCE request: the cheapest question that every PCP server answers (§14.1).</summary>
    public static int WriteAnnounce(Span<byte> destination, TransportAddress client) => WriteHeader(destination, OpcodeAnnounce, 0, client);

    /// <summary>Writes a MAP request; a lifetime of 0 removes the mapping (§15.1).</summary>
    public static int WriteMap(Span<byte> destination, TransportAddress client, uint lifetimeSeconds, in PcpMap map)
    {
        WriteHeader(destination, OpcodeMap, lifetimeSeconds, client);
        map.Nonce.CopyTo(destination[24..]);
        BinaryPrimitives.WriteUInt32BigEndian(destination[36..], (uint)map.Transport << 24);
        BinaryPrimitives.WriteUInt16BigEndian(destination[40..], map.InternalPort);
        BinaryPrimitives.WriteUInt16BigEndian(destination[42..], map.External.Port);
        BinaryPrimitives.WriteUInt128BigEndian(destination[44..], map.External.AddressBits);
        return MapBytes;
    }

    /// <summary>Reads a response of version 2; false for a request, another version or a broken length.</summary>
    public static bool TryReadResponse(ReadOnlySpan<byte> message, out PcpResponse response)
    {
        response = default;
        if (message.Length is < AnnounceBytes or > MaxMessageBytes || message.Length % 4 != 0) return false;
        if (message[0] != Version || (message[1] & ResponseBit) == 0) return false;
        byte opcode = (byte)(message[1] & ~ResponseBit);
        PcpMap map = default;
        if (opcode == OpcodeMap)
        {
            if (message.Length < MapBytes) return false;
            map = new PcpMap(
                new PcpNonce(message.Slice(24, PcpNonce.SizeInBytes)),
                (MappingTransport)message[36],
                BinaryPrimitives.ReadUInt16BigEndian(message[40..]),
                TransportAddress.FromBits(BinaryPrimitives.ReadUInt128BigEndian(message[44..]), BinaryPrimitives.ReadUInt16BigEndian(message[42..])));
        }

        response = new PcpResponse(
            opcode,
            (PcpResultCode)message[3],
            BinaryPrimitives.ReadUInt32BigEndian(message[4..]),
            BinaryPrimitives.ReadUInt32BigEndian(message[8..]),
            map);
        return true;
    }

    private static int WriteHeader(Span<byte> destination, byte opcode, uint lifetimeSeconds, TransportAddress client)
    {
        destination[0] = Version;
        destination[1] = opcode;
        destination[2] = destination[3] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], lifetimeSeconds);
        BinaryPrimitives.WriteUInt128BigEndian(destination[8..], client.AddressBits);
        return AnnounceBytes;
    }
}
