namespace CS3103P2P.Protocol;

/// <summary>One entry of the tracker's list. Its spans point into the datagram.</summary>
public ref struct TrackerEntry
{
    /// <summary>FILENAME in wire form.</summary>
    public ReadOnlySpan<byte> Name { get; internal set; }

    /// <summary>Runs of chunks, counted from 1: valid text for <see cref="ChunkText"/>, or empty for none.</summary>
    public ReadOnlySpan<byte> Chunks { get; internal set; }

    /// <summary>Where the peer is reached.</summary>
    public TransportAddress Address { get; internal set; }

    /// <summary>The peer's id; empty when the peer did not tell.</summary>
    public PeerId Peer { get; internal set; }

    /// <summary>Further addresses; see <see cref="TrackerCandidateReader"/>.</summary>
    public ReadOnlySpan<byte> Candidates { get; internal set; }
}
