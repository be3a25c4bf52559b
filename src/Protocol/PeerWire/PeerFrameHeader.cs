using System.Buffers;

namespace CS3103P2P.Protocol;

/// <summary>The front of a frame: everything before the message itself.</summary>
/// <remarks>
/// <code>
/// | varint n | MessageType, n bytes            | varint m | message, m bytes |
///              1 message  2 timeStamp  16 channel
/// </code>
/// </remarks>
/// <param name="Type">What the message is; unknown types are to be passed over.</param>
/// <param name="TimestampSeconds">When it was sent, in Unix seconds; information only.</param>
/// <param name="Channel">The share that it belongs to; 0 for the connection itself.</param>
/// <param name="MessageLength">Length of the message that follows, 0 to <see cref="MaxMessageBytes"/>.</param>
public readonly record struct PeerFrameHeader(PeerMessageType Type, ulong TimestampSeconds, uint Channel, int MessageLength)
{
    /// <summary>Largest data block in one <see cref="PeerMessageType.FileData"/>, in bytes.</summary>
    public const int MaxBlockBytes = 256 * 1024;

    /// <summary>Largest message, in bytes: a block and the fields before it.</summary>
    public const int MaxMessageBytes = MaxBlockBytes + 256;

    /// <summary>Largest front of a frame that is sent, in bytes.</summary>
    public const int MaxHeaderBytes = 1 + MaxTypeBytes + 3;

    private const int MaxTypeBytes = 64;
    private const int FieldMessage = 1;
    private const int FieldTimestamp = 2;
    private const int FieldChannel = 16;

    /// <summary>Reads the front of a frame.</summary>
    /// <param name="input">What has arrived, from the first byte of a frame.</param>
    /// <param name="header">The header.</param>
    /// <param name="consumed">Its length, when the answer is <see cref="OperationStatus.Done"/>.</param>
    /// <returns><see cref="OperationStatus.NeedMoreData"/> while the input ends inside it; <see cref="OperationStatus.InvalidData"/> when it
    /// can never become a frame.</returns>
    public static OperationStatus TryRead(ReadOnlySpan<byte> input, out PeerFrameHeader header, out int consumed)
    {
        header = default;
        consumed = 0;
        OperationStatus status = ReadLength(input, MaxTypeBytes, out int typeLength, out int at);
        if (status != OperationStatus.Done) return status;
        if (input.Length - at < typeLength) return OperationStatus.NeedMoreData;
        if (!TryReadType(input.Slice(at, typeLength), out header)) return OperationStatus.InvalidData;
        at += typeLength;
        status = ReadLength(input[at..], MaxMessageBytes, out int messageLength, out int lengthBytes);
        if (status != OperationStatus.Done) return status;
        header = header with { MessageLength = messageLength };
        consumed = at + lengthBytes;
        return OperationStatus.Done;
    }

    /// <summary>Writes the front of a frame.</summary>
    /// <returns>The bytes written; 0 when <paramref name="destination"/> is too short (<see cref="MaxHeaderBytes"/> always suffice).</returns>
    public int Write(Span<byte> destination)
    {
        int typeLength = 1 + ProtoWriter.VarintSize((ulong)Type) + 1 + ProtoWriter.VarintSize(TimestampSeconds);
        if (Channel != 0) typeLength += 2 + ProtoWriter.VarintSize(Channel);
        var writer = new ProtoWriter(destination);
        writer.WriteVarint((ulong)typeLength);
        writer.WriteVarintField(FieldMessage, (ulong)Type);
        writer.WriteVarintField(FieldTimestamp, TimestampSeconds);
        if (Channel != 0) writer.WriteVarintField(FieldChannel, Channel);
        writer.WriteVarint((ulong)MessageLength);
        return writer.Overflowed ? 0 : writer.Length;
    }

    private static OperationStatus ReadLength(ReadOnlySpan<byte> input, int limit, out int value, out int consumed)
    {
        value = 0;
        if (!ProtoReader.TryDecodeVarint(input, out ulong wide, out consumed))
            return consumed == 0 ? OperationStatus.NeedMoreData : OperationStatus.InvalidData;
        if (wide > (ulong)limit) return OperationStatus.InvalidData;
        value = (int)wide;
        return OperationStatus.Done;
    }

    private static bool TryReadType(ReadOnlySpan<byte> bytes, out PeerFrameHeader header)
    {
        header = default;
        var reader = new ProtoReader(bytes);
        uint type = 0, channel = 0;
        ulong timestamp = 0;
        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadKey(out int field, out int wire)) return false;
            bool read = (field, wire) switch
            {
                (FieldMessage, ProtoReader.WireVarint) => reader.TryReadUInt32(out type),
                (FieldTimestamp, ProtoReader.WireVarint) => reader.TryReadVarint(out timestamp),
                (FieldChannel, ProtoReader.WireVarint) => reader.TryReadUInt32(out channel),
                _ => reader.TrySkip(wire),
            };
            if (!read) return false;
        }

        if (type is 0 or > int.MaxValue) return false;
        header = new PeerFrameHeader((PeerMessageType)type, timestamp, channel, 0);
        return true;
    }
}
