namespace CS3103P2P.Stun.Ice;

/// <summary>Where a pair's check stands (RFC 8445 §6.1.2.6; Frozen is decided when a pair's turn comes).</summary>
internal enum IcePairState
{
    Waiting = 0,
    InProgress,
    Succeeded,
    Failed,
}
