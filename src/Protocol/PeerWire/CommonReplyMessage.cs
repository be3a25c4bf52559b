namespace CS3103P2P.Protocol;

/// <summary>A refusal (<see cref="PeerMessageType.CommonReply"/>).</summary>
public readonly ref struct CommonReplyMessage
{
    /// <summary>Longest explanation, in bytes of UTF-8; more is cut.</summary>
    public const int MaxTextBytes = 256;

    private const int FieldStatus = 1;
    private const int FieldLocalPort = 2;
    private const int FieldChunk = 16;
    private const int FieldText = 17;

    /// <summary>Why.</summary>
    public RefusalReason Reason { get; init; }

    /// <summary>The chunk that is refused; null when it is the channel or the connection.</summary>
    public int? Chunk { get; init; }

    /// <summary>An explanation for a person, in UTF-8; may be empty.</summary>
    public ReadOnlySpan<byte> Text { get; init; }

    /// <summary>Reads a message.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out CommonReplyMessage reply)
    {
        reply = default;
        var reader = new ProtoReader(message);
        uint status = 0;
        int chunkPlusOne = 0;
        ReadOnlySpan<byte> text = default;
        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadKey(out int field, out int wire)) return false;
            bool read = (field, wire) switch
            {
                (FieldStatus, ProtoReader.WireVarint) => reader.TryReadUInt32(out status),
                (FieldChunk, ProtoReader.WireVarint) => reader.TryReadInt32(out chunkPlusOne),
                (FieldText, ProtoReader.WireBytes) => reader.TryReadBytes(out text),
                _ => reader.TrySkip(wire),
            };
            if (!read) return false;
        }

        if (text.Length > MaxTextBytes) return false;
        reply = new CommonReplyMessage
        {
            Reason = status > int.MaxValue ? RefusalReason.Unspecified : (RefusalReason)status,
            Chunk = chunkPlusOne == 0 ? null : chunkPlusOne - 1,
            Text = text,
        };
        return true;
    }

    /// <summary>Writes the message; 0 when the destination is too short.</summary>
    public int Write(Span<byte> destination)
    {
        var writer = new ProtoWriter(destination);
        writer.WriteVarintField(FieldStatus, (ulong)Reason);
        writer.WriteVarintField(FieldLocalPort, 0);
        if (Chunk is { } chunk) writer.WriteVarintField(FieldChunk, (ulong)chunk + 1);
        if (!Text.IsEmpty) writer.WriteBytesField(FieldText, Text[..Math.Min(Text.Length, MaxTextBytes)]);
        return writer.Overflowed ? 0 : writer.Length;
    }
}
