namespace CS3103P2P.Peer.Swarm;

/// <summary>What a <see cref="DownloadMachine"/> wants done.</summary>
internal enum SwarmCommandKind
{
    /// <summary>Ask the peer for the chunk.</summary>
    RequestChunk,

    /// <summary>Tell the peer that the chunk is wanted no longer.</summary>
    CancelChunk,

    /// <summary>Ask the peer for hashes.</summary>
    RequestMetadata,

    /// <summary>End the connection with the peer; it is of no use.</summary>
    DropPeer,

    /// <summary>End the connection with the peer and never use it again: it lied.</summary>
    BanPeer,

    /// <summary>Ask the tracker for a fresh list of peers.</summary>
    RefreshPeers,
}
