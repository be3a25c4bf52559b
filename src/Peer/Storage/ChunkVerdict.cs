namespace CS3103P2P.Peer;

/// <summary>What became of a chunk that a peer sent.</summary>
internal enum ChunkVerdict
{
    /// <summary>It was good, and is on disk now.</summary>
    Verified,

    /// <summary>It was there already.</summary>
    Duplicate,

    /// <summary>Its bytes or its length are wrong: the peer lied or is broken.</summary>
    Corrupt,

    /// <summary>Its hash is not known yet; see <see cref="IDownloadContent.NeedFor"/>.</summary>
    HashUnknown,
}
