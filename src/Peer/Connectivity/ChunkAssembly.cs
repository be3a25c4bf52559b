namespace CS3103P2P.Peer.Connectivity;

/// <summary>A chunk that is coming in, piece after piece. Guarded by its <see cref="FetchSide"/>.</summary>
/// <param name="chunk">Which.</param>
/// <param name="length">Its length in bytes.</param>
/// <param name="buffers">Where its buffer comes from.</param>
internal sealed class ChunkAssembly(int chunk, int length, ChunkBufferPool buffers)
{
    public int Chunk { get; } = chunk;

    public int Length { get; } = length;

    /// <summary>Bytes that have come.</summary>
    public int Received { get; set; }

    /// <summary>From the pool, once the first piece comes; empty before.</summary>
    public Memory<byte> Buffer { get; private set; }

    /// <summary>Bytes of the piece that is being read at the moment.</summary>
    public int Reading { get; set; }

    /// <summary>Whether it is wanted no longer; the reader then gives the buffer back.</summary>
    public bool IsCancelled { get; set; }

    /// <summary>The place for the next piece.</summary>
    public Memory<byte> Begin(int pieceLength)
    {
        if (Buffer.IsEmpty) Buffer = buffers.Rent(Length);
        Reading = pieceLength;
        return Buffer.Slice(Received, pieceLength);
    }

    /// <summary>Gives the buffer back.</summary>
    public void Release()
    {
        if (!Buffer.IsEmpty) buffers.Return(Buffer);
        Buffer = default;
    }
}
