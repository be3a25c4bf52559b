namespace CS3103P2P.Tracker;

/// <summary>A tracker's figures, for a person's eye; the meter <c>CS3103P2P.Tracker</c> has more.</summary>
/// <param name="Files">Files registered.</param>
/// <param name="Entries">Entries: one peer's chunks of one file.</param>
/// <param name="Peers">Programs that hold a lease.</param>
/// <param name="Requests">Datagrams received since the start.</param>
/// <param name="Replies">Replies made.</param>
/// <param name="Errors">Replies that were errors.</param>
/// <param name="Challenges">Replies that asked for a cookie.</param>
/// <param name="Limited">Requests left unanswered because their source sent too many.</param>
/// <param name="Offers">Connection offers forwarded.</param>
/// <param name="StunRequests">Datagrams received on the ports for STUN.</param>
/// <param name="StunLimited">STUN and TURN requests left unanswered because their source sent too many.</param>
/// <param name="RelayedBytes">Bytes relayed.</param>
/// <param name="SnapshotAge">Since the last good snapshot was begun; null when there is none.</param>
public sealed record TrackerStatistics(
    int Files,
    int Entries,
    int Peers,
    long Requests,
    long Replies,
    long Errors,
    long Challenges,
    long Limited,
    long Offers,
    long StunRequests,
    long StunLimited,
    long RelayedBytes,
    TimeSpan? SnapshotAge);
