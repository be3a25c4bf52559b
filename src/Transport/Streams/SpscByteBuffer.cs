namespace CS3103P2P.Transport;

/// <summary>
/// A bounded byte stream between one producer and one consumer, which may be different threads. Bytes are addressed by their
/// position in the stream, so that the consumer may read ahead of what it releases (uTP retransmits from here). Memory is held in
/// blocks that come from a pool when the producer enters them and go back when the consumer has left them.
/// </summary>
internal sealed class SpscByteBuffer
{
    private const int BlockBytes = StreamBlockPool.BlockBytes;
    private const int BlockShift = 16;

    private readonly StreamBlockPool _pool;
    private readonly byte[]?[] _blocks;
    private long _written;
    private long _released;

    /// <param name="capacityBytes">Most bytes written and not yet released.</param>
    /// <param name="pool">Where its memory comes from.</param>
    public SpscByteBuffer(int capacityBytes, StreamBlockPool pool)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacityBytes);
        CapacityBytes = capacityBytes;
        _pool = pool;
        // One block more than the capacity needs, since the first and the last are used in part.
        _blocks = new byte[]?[(capacityBytes / BlockBytes) + 2];
    }

    public int CapacityBytes { get; }

    /// <summary>Position after the last byte written.</summary>
    public long WrittenPosition => Volatile.Read(ref _written);

    /// <summary>Position of the first byte not released.</summary>
    public long ReleasedPosition => Volatile.Read(ref _released);

    /// <summary>Bytes written and not released.</summary>
    public int UsedBytes => (int)(WrittenPosition - ReleasedPosition);

    /// <summary>Bytes that may be written.</summary>
    public int FreeBytes => CapacityBytes - UsedBytes;

    /// <summary>Writes as much as there is room for; returns how much. Producer only.</summary>
    public int Write(ReadOnlySpan<byte> source)
    {
        int total = Math.Min(source.Length, FreeBytes);
        long position = _written;
        source = source[..total];
        while (!source.IsEmpty)
        {
            int offset = (int)(position & (BlockBytes - 1));
            int part = Math.Min(source.Length, BlockBytes - offset);
            ref byte[]? block = ref _blocks[SlotOf(position)];
            if (offset == 0 || block is null) block = _pool.Rent();
            source[..part].CopyTo(block.AsSpan(offset));
            source = source[part..];
            position += part;
        }

        Volatile.Write(ref _written, position);
        return total;
    }

    /// <summary>Copies bytes that are written and not released. Consumer only.</summary>
    public void CopyTo(long position, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            int offset = (int)(position & (BlockBytes - 1));
            int part = Math.Min(destination.Length, BlockBytes - offset);
            _blocks[SlotOf(position)].AsSpan(offset, part).CopyTo(destination);
            destination = destination[part..];
            position += part;
        }
    }

    /// <summary>Gives up all bytes before <paramref name="position"/>. Consumer only.</summary>
    public void ReleaseTo(long position)
    {
        long released = _released;
        for (long block = released >> BlockShift; block < position >> BlockShift; block++)
        {
            ref byte[]? slot = ref _blocks[(int)(block % _blocks.Length)];
            if (slot is not null) _pool.Return(slot);
            slot = null;
        }

        Volatile.Write(ref _released, position);
    }

    /// <summary>Reads and releases up to the length of <paramref name="destination"/>; returns how much. Consumer only.</summary>
    public int Read(Span<byte> destination)
    {
        int count = Math.Min(destination.Length, UsedBytes);
        if (count == 0) return 0;
        CopyTo(_released, destination[..count]);
        ReleaseTo(_released + count);
        return count;
    }

    private int SlotOf(long position) => (int)((position >> BlockShift) % _blocks.Length);
}
