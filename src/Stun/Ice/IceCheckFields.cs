using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.Ice;

/// <summary>What a check says besides who sends it (RFC 8445 §7.1).</summary>
/// <param name="Priority">PRIORITY.</param>
/// <param name="IsControlling">The sender's role.</param>
/// <param name="TieBreaker">The number that decides about roles.</param>
/// <param name="UseCandidate">Whether the check nominates.</param>
/// <param name="Straight">Where the sender of a check by its relay can be reached without one, if it knows; an extension (docs/decisions/ice.md).</param>
internal readonly record struct IceCheckFields(uint Priority, bool IsControlling, ulong TieBreaker, bool UseCandidate, TransportAddress? Straight = null);
