using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>A download, as a <see cref="FetchChannel"/> sees it. Called by the connection's reader, in order; must not block.</summary>
internal interface IFetchListener
{
    /// <summary>Holds what comes of it to a rate.</summary>
    RateLimiter Downloads => RateLimiter.None;

    /// <summary>Where the buffers of its chunks come from.</summary>
    ChunkBufferPool Buffers { get; }

    /// <summary>Waits while chunks come faster than they can be used.</summary>
    Task WaitForRoomAsync() => Task.CompletedTask;

    /// <summary>How full its tables are.</summary>
    IEnumerable<TableUse> Tables => [];

    /// <summary>The peer has the share; what it says of it is null when that cannot be a share.</summary>
    void OnInfo(FetchChannel channel, ShareDescriptor? descriptor);

    /// <summary>The peer has chunks.</summary>
    void OnHave(FetchChannel channel, in HaveMessage have);

    /// <summary>Hashes or a manifest have come in full, or are refused: then the data is empty.</summary>
    void OnMetadata(FetchChannel channel, MetadataKey key, ReadOnlySpan<byte> data);

    /// <summary>The peer refuses a chunk, or with null the whole share.</summary>
    void OnRefused(FetchChannel channel, RefusalReason reason, int? chunk);

    /// <summary>Bytes of chunks have come.</summary>
    void OnBytes(FetchChannel channel, int bytes);

    /// <summary>A whole chunk has come; the listener gives the buffer back to <see cref="Buffers"/>.</summary>
    void OnChunk(FetchChannel channel, int chunk, Memory<byte> buffer, int length);

    /// <summary>The connection has ended.</summary>
    void OnClosed(FetchChannel channel, string reason);
}
