using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Registry;

namespace CS3103P2P.Tracker.Snapshots;

/// <summary>A registrant in a snapshot; it points into the block.</summary>
internal ref struct SnapshotRegistrant
{
    /// <summary>Most bytes of further addresses.</summary>
    public const int MaxCandidateBytes = 4_096;

    /// <summary>The latest end of a lease, counted from when the snapshot was begun.</summary>
    public const long MaxLeaseMillis = 7L * 24 * 3_600 * 1_000;

    /// <summary>The highest number of a socket.</summary>
    public const int MaxSocketNumber = 4_096;

    /// <summary>Who it is.</summary>
    public RegistrantKey Key { get; init; }

    /// <summary>Where other peers are told to reach it.</summary>
    public TransportAddress Listed { get; init; }

    /// <summary>Further addresses, in wire form.</summary>
    public ReadOnlySpan<byte> Candidates { get; init; }

    /// <summary>When its lease ends, counted from the time in the snapshot's header.</summary>
    public TimeSpan LeaseEnd { get; init; }

    /// <summary>Number of the socket that its requests reached.</summary>
    public int SocketNumber { get; init; }
}
