namespace CS3103P2P.Stun.Ice;

/// <summary>Why no connection came about, or why it ended.</summary>
public enum IceFailureReason
{
    /// <summary>It did not fail.</summary>
    None = 0,

    /// <summary>One side has no address that the other may try.</summary>
    NoCandidates,

    /// <summary>The offer did not get to the peer: nobody who passes offers on knows it, or can be reached.</summary>
    OfferNotDelivered,

    /// <summary>The offer was passed on, but the peer never answered: it is gone, or does not want to.</summary>
    NoAnswer,

    /// <summary>No check came through between these kinds of NAT, not by a relay either if there is one.</summary>
    ChecksFailed,

    /// <summary>No check came through directly, and there is no relay to go by.</summary>
    RelayAbsent,

    /// <summary>No check came through directly, and the relay refused to help.</summary>
    RelayRefused,

    /// <summary>No check came through directly, and this user's share of the relay is used up, or the relay is full.</summary>
    RelayQuota,

    /// <summary>No check came through directly, and no relay answered.</summary>
    RelayUnreachable,

    /// <summary>The connection worked, then the peer fell silent for longer than consent lasts (RFC 7675).</summary>
    ConsentLost,

    /// <summary>Too many connections at a time.</summary>
    TooMany,

    /// <summary>This side closed it.</summary>
    Closed,
}
