namespace CS3103P2P.Stun.Ice;

/// <summary>Why no connection came about, or why it ended.</summary>
public enum IceFailureReason
{
    /// <summary>It did not fail.</summary>
    None = 0,

    /// <summary>One side has no address that the other may try.</summary>
    NoCandidates,

    /// <summary>The peer never answered the offer: it is gone, or the way to it by the tracker is.</summary>
    OfferNotDelivered,

    /// <summary>No check came through between these kinds of NAT, and there is no relay.</summary>
    ChecksFailed,

    /// <summary>No check came through, and the relay refused to help.</summary>
    RelayRefused,

    /// <summary>The connection worked, then the peer fell silent for longer than consent lasts (RFC 7675).</summary>
    ConsentLost,

    /// <summary>Too many connections at a time.</summary>
    TooMany,

    /// <summary>This side closed it.</summary>
    Closed,
}
