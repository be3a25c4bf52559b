using System.Buffers;

namespace CS3103P2P.Protocol;

/// <summary>The fields of a <see cref="PeerMessageType.FileData"/> before its data, which is the last field, so that it can be read straight
/// to where it belongs.</summary>
/// <remarks>
/// <code>
/// | 1 fileName: empty, the channel names the share | 2 offset | 3 data |
/// </code>
/// </remarks>
/// <param name="Offset">Chunk number times chunk size, plus the place in the chunk, in bytes.</param>
/// <param name="DataLength">Length of the data, which ends the message: 1 to <see cref="PeerFrameHeader.MaxBlockBytes"/> bytes.</param>
public readonly record struct FileDataHeader(long Offset, int DataLength)
{
    /// <summary>Longest form that is read or written, in bytes.</summary>
    public const int MaxBytes = 128;

    private const int FieldFileName = 1;
    private const int FieldOffset = 2;
    private const int FieldData = 3;

    /// <summary>Length of the whole message, data included.</summary>
    public int MessageLength =>
        2 + 1 + ProtoWriter.VarintSize((ulong)Offset) + 1 + ProtoWriter.VarintSize((ulong)DataLength) + DataLength;

    /// <summary>Reads the fields before the data from the front of a message.</summary>
    /// <param name="front">What has arrived of the message.</param>
    /// <param name="messageLength">Length of the whole message.</param>
    /// <param name="header">The fields.</param>
    /// <param name="consumed">Where the data begins.</param>
    public static OperationStatus TryRead(ReadOnlySpan<byte> front, int messageLength, out FileDataHeader header, out int consumed)
    {
        header = default;
        consumed = 0;
        if (front.Length > messageLength) front = front[..messageLength];
        bool whole = front.Length == messageLength || front.Length >= MaxBytes;
        OperationStatus atEnd = whole ? OperationStatus.InvalidData : OperationStatus.NeedMoreData;
        ReadOnlySpan<byte> window = front[..Math.Min(front.Length, MaxBytes)];
        var reader = new ProtoReader(window);
        bool hasOffset = false;
        ulong offset = 0;
        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadKey(out int field, out int wire)) return atEnd;
            if (field == FieldData && wire == ProtoReader.WireBytes)
            {
                if (!reader.TryReadVarint(out ulong length)) return atEnd;
                consumed = window.Length - reader.BytesLeft;
                if (!hasOffset || length is 0 or > PeerFrameHeader.MaxBlockBytes || (int)length != messageLength - consumed)
                    return OperationStatus.InvalidData;
                header = new FileDataHeader((long)offset, (int)length);
                return OperationStatus.Done;
            }

            if (field == FieldOffset && wire == ProtoReader.WireVarint)
            {
                if (!reader.TryReadVarint(out offset)) return atEnd;
                if (offset > long.MaxValue) return OperationStatus.InvalidData;
                hasOffset = true;
            }
            else if (!reader.TrySkip(wire))
            {
                return atEnd;
            }
        }

        return atEnd;
    }

    /// <summary>Writes the fields; the data follows. 0 when the destination is too short.</summary>
    public int Write(Span<byte> destination)
    {
        var writer = new ProtoWriter(destination);
        writer.WriteBytesField(FieldFileName, default);
        writer.WriteVarintField(FieldOffset, (ulong)Offset);
        writer.WriteBytesHeader(FieldData, DataLength);
        return writer.Overflowed ? 0 : writer.Length;
    }
}
