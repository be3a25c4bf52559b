namespace CS3103P2P.Stun.Ice;

/// <summary>What an <see cref="IceAgent"/> can expect of relays; the reason of a failure when no direct way works.</summary>
public enum IceRelayState
{
    /// <summary>Not known yet: relays are still being asked.</summary>
    Unknown = 0,

    /// <summary>There is none to ask.</summary>
    Absent,

    /// <summary>One has given an address.</summary>
    Ready,

    /// <summary>Every one refused: wrong or expired credentials, or it does not serve this peer.</summary>
    Refused,

    /// <summary>Every one refused because this user's share, or the relay's room, is used up (RFC 8656: codes 486 and 508).</summary>
    QuotaReached,

    /// <summary>None answered.</summary>
    Unreachable,
}
