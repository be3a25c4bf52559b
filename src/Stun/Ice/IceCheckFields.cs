namespace CS3103P2P.Stun.Ice;

/// <summary>What a check says besides who sends it (RFC 8445 §7.1).</summary>
internal readonly record struct IceCheckFields(uint Priority, bool IsControlling, ulong TieBreaker, bool UseCandidate);
