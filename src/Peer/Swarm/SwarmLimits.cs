namespace CS3103P2P.Peer.Swarm;

/// <summary>What bounds a <see cref="DownloadMachine"/>. The defaults suit home connections and fast networks alike.</summary>
internal sealed record SwarmLimits
{
    /// <summary>Most chunk bytes asked for or waiting to be verified, in all.</summary>
    public long BudgetBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Most chunk bytes asked of one peer at once.</summary>
    public long MaxPeerBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Chunk bytes asked of a peer whose rate is not known yet.</summary>
    public long FirstPeerBytes { get; init; } = 1024 * 1024;

    /// <summary>Most chunks asked of one peer at once.</summary>
    public int MaxPeerChunks { get; init; } = 1024;

    /// <summary>Most peers that are asked for the same chunk at once, near the end.</summary>
    public int MaxAskersPerChunk { get; init; } = 3;

    /// <summary>How long a peer that owes data may be silent.</summary>
    public TimeSpan SilenceTimeout { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>How long a silent or busy peer is left alone; doubles with every time.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Silences or failures in a row after which a peer is dropped.</summary>
    public int MaxFailures { get; init; } = 4;

    /// <summary>Chunks whose hashes are fetched before they are needed.</summary>
    public int HashAhead { get; init; } = 1024;

    /// <summary>Most requests for hashes under way, in all.</summary>
    public int MaxMetadataRequests { get; init; } = 32;

    /// <summary>How long an answer with hashes may take.</summary>
    public TimeSpan MetadataTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The shortest time between two wishes for a fresh list of peers.</summary>
    public TimeSpan RefreshPeriod { get; init; } = TimeSpan.FromSeconds(5);
}
