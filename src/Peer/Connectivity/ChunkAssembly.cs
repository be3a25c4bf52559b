namespace CS3103P2P.Peer.Connectivity;

/// <summary>A chunk that is coming in, piece after piece. Guarded by its <see cref="FetchSide"/>.</summary>
internal sealed class ChunkAssembly(int chunk, int length)
{
    public int Chunk { get; } = chunk;

    public int Length { get; } = length;

    /// <summary>Bytes that have come.</summary>
    public int Received { get; set; }

    /// <summary>From the pool, once the first piece comes.</summary>
    public byte[]? Buffer { get; set; }

    /// <summary>Bytes of the piece that is being read at the moment.</summary>
    public int Reading { get; set; }

    /// <summary>Whether it is wanted no longer; the reader then gives the buffer back.</summary>
    public bool IsCancelled { get; set; }
}
