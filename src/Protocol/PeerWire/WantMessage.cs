namespace CS3103P2P.Protocol;

/// <summary>
/// Pieces of chunks, many at once (<see cref="PeerMessageType.Want"/>, <see cref="PeerMessageType.Cancel"/>): one packed field of
/// chunk, offset, length, chunk, offset, length ...
/// </summary>
public readonly ref struct WantMessage
{
    /// <summary>Most pieces in one message.</summary>
    public const int MaxBlocks = 256;

    /// <summary>Longest message, in bytes.</summary>
    public const int MaxBytes = 8 + (MaxBlocks * 15);

    private const int FieldBlocks = 1;
    private readonly ReadOnlySpan<byte> _packed;

    private WantMessage(ReadOnlySpan<byte> packed) => _packed = packed;

    /// <summary>Reads a message; false unless every piece in it is well formed.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out WantMessage want)
    {
        want = default;
        var reader = new ProtoReader(message);
        ReadOnlySpan<byte> packed = default;
        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadKey(out int field, out int wire)) return false;
            bool read = field == FieldBlocks && wire == ProtoReader.WireBytes ? packed.IsEmpty && reader.TryReadBytes(out packed) : reader.TrySkip(wire);
            if (!read) return false;
        }

        var numbers = new ProtoReader(packed);
        for (int count = 0; !numbers.IsAtEnd; count++)
        {
            if (count == MaxBlocks || !TryReadBlock(ref numbers, out _)) return false;
        }

        want = new WantMessage(packed);
        return true;
    }

    /// <summary>Writes a message; 0 when the destination is too short.</summary>
    /// <exception cref="ArgumentException">More than <see cref="MaxBlocks"/> pieces.</exception>
    public static int Write(Span<byte> destination, ReadOnlySpan<BlockRequest> blocks)
    {
        if (blocks.Length > MaxBlocks) throw new ArgumentException("Too many pieces for one message.", nameof(blocks));
        int length = 0;
        foreach (BlockRequest block in blocks)
        {
            length += ProtoWriter.VarintSize((ulong)block.Chunk) + ProtoWriter.VarintSize((ulong)block.Offset) + ProtoWriter.VarintSize((ulong)block.Length);
        }

        var writer = new ProtoWriter(destination);
        writer.WriteBytesHeader(FieldBlocks, length);
        foreach (BlockRequest block in blocks)
        {
            writer.WriteVarint((ulong)block.Chunk);
            writer.WriteVarint((ulong)block.Offset);
            writer.WriteVarint((ulong)block.Length);
        }

        return writer.Overflowed ? 0 : writer.Length;
    }

    /// <summary>Goes through the pieces.</summary>
    public Enumerator GetEnumerator() => new(_packed);

    private static bool TryReadBlock(ref ProtoReader reader, out BlockRequest block)
    {
        block = default;
        if (!reader.TryReadInt32(out int chunk) || !reader.TryReadInt32(out int offset) || !reader.TryReadInt32(out int length)) return false;
        if (length is 0 or > PeerFrameHeader.MaxBlockBytes || offset > int.MaxValue - length) return false;
        block = new BlockRequest(chunk, offset, length);
        return true;
    }

    /// <summary>Goes through the pieces of a message.</summary>
    public ref struct Enumerator
    {
        private ProtoReader _reader;
        private BlockRequest _current;

        internal Enumerator(ReadOnlySpan<byte> packed) => _reader = new ProtoReader(packed);

        /// <summary>The piece reached.</summary>
        public readonly BlockRequest Current => _current;

        /// <summary>Goes to the next piece.</summary>
        public bool MoveNext() => !_reader.IsAtEnd && TryReadBlock(ref _reader, out _current);
    }
}
