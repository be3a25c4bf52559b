using System.Buffers.Binary;

namespace CS3103P2P.Transport.Utp;

/// <summary>The fixed header of a uTP packet (BEP 29, "header format"), version 1.</summary>
/// <remarks>
/// <code>
/// 0       4       8               16              24              32
/// +-------+-------+---------------+---------------+---------------+
/// | type  | ver   | extension     | connection_id                 |
/// +-------+-------+---------------+---------------+---------------+
/// | timestamp_microseconds                                        |
/// +---------------+---------------+---------------+---------------+
/// | timestamp_difference_microseconds                             |
/// +---------------+---------------+---------------+---------------+
/// | wnd_size                                                      |
/// +---------------+---------------+---------------+---------------+
/// | seq_nr                        | ack_nr                        |
/// +---------------+---------------+---------------+---------------+
/// </code>
/// </remarks>
internal readonly record struct UtpHeader(
    UtpPacketType Type,
    ushort ConnectionId,
    uint TimestampMicros,
    uint TimestampDifferenceMicros,
    uint WindowBytes,
    ushort SequenceNumber,
    ushort AckNumber)
{
    public const int SizeInBytes = 20;
    public const byte Version = 1;

    /// <summary>Writes the 20 bytes; <paramref name="firstExtension"/> is the type of the first extension, 0 for none.</summary>
    public void Write(Span<byte> destination, byte firstExtension = 0)
    {
        destination[19] = (byte)AckNumber;
        destination[18] = (byte)(AckNumber >> 8);
        destination[0] = (byte)(((byte)Type << 4) | Version);
        destination[1] = firstExtension;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], ConnectionId);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], TimestampMicros);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], TimestampDifferenceMicros);
        BinaryPrimitives.WriteUInt32BigEndian(destination[12..], WindowBytes);
        BinaryPrimitives.WriteUInt16BigEndian(destination[16..], SequenceNumber);
    }

    /// <summary>Reads the fixed header; false when the datagram is no uTP packet of version 1.</summary>
    public static bool TryRead(ReadOnlySpan<byte> datagram, out UtpHeader header, out byte firstExtension)
    {
        header = default;
        firstExtension = 0;
        if (datagram.Length < SizeInBytes) return false;
        if ((datagram[0] & 0x0F) != Version || datagram[0] >> 4 > (byte)UtpPacketType.Syn) return false;
        firstExtension = datagram[1];
        header = new UtpHeader(
            (UtpPacketType)(datagram[0] >> 4),
            BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]),
            BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]),
            BinaryPrimitives.ReadUInt32BigEndian(datagram[8..]),
            BinaryPrimitives.ReadUInt32BigEndian(datagram[12..]),
            BinaryPrimitives.ReadUInt16BigEndian(datagram[16..]),
            BinaryPrimitives.ReadUInt16BigEndian(datagram[18..]));
        return true;
    }
}
