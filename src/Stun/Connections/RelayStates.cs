using CS3103P2P.Stun.Ice;

namespace CS3103P2P.Stun.Connections;

/// <summary>What the failures of relays say about all of them.</summary>
internal static class RelayStates
{
    private const int Quota = 486;                  // Allocation Quota Reached (RFC 8656 §19)
    private const int InsufficientCapacity = 508;

    public static IceRelayState Of(TurnFailure failure) => failure switch
    {
        { ErrorCode: Quota or InsufficientCapacity } => IceRelayState.QuotaReached,
        { Outcome: StunOutcome.Refused or StunOutcome.Malformed or StunOutcome.UnknownAttribute } => IceRelayState.Refused,
        _ => IceRelayState.Unreachable,
    };

    /// <summary>Of two, the one that tells more: a relay that answers says more than one that is silent.</summary>
    public static IceRelayState Better(IceRelayState a, IceRelayState b) => Rank(a) >= Rank(b) ? a : b;

    private static int Rank(IceRelayState state) => state switch
    {
        IceRelayState.Ready => 4,
        IceRelayState.QuotaReached => 3,
        IceRelayState.Refused => 2,
        IceRelayState.Unreachable => 1,
        _ => 0,
    };
}
