namespace CS3103P2P.Peer;

/// <summary>Why there is no connection with a peer, or none that is of use; a program can switch on it.</summary>
public enum ConnectFailureReason
{
    /// <summary>Something else; the message tells.</summary>
    Other = 0,

    /// <summary>Nothing answers at the address: the peer is gone, or its NAT lets nobody in.</summary>
    Unreachable,

    /// <summary>The peer did not answer, or did not prove who it is, in time.</summary>
    TimedOut,

    /// <summary>What answers does not speak the protocol, or broke off while keys were proven.</summary>
    HandshakeFailed,

    /// <summary>Another peer answered than the one that was asked for, or it showed no key.</summary>
    IdentityWrong,

    /// <summary>The peer refuses to give the share.</summary>
    Refused,

    /// <summary>The connection ended before the share was open.</summary>
    Lost,

    /// <summary>This side has as many connections as it may have.</summary>
    TooManyConnections,

    /// <summary>One side has no address that the other may try.</summary>
    NoCandidates,

    /// <summary>The offer did not get to the peer: the tracker does not know it, or cannot be reached.</summary>
    OfferNotDelivered,

    /// <summary>The offer was passed on, but the peer never answered.</summary>
    NoAnswer,

    /// <summary>Nothing gets through between these kinds of NAT, not by the relay either.</summary>
    ChecksFailed,

    /// <summary>Nothing gets through directly between these kinds of NAT, and there is no relay.</summary>
    RelayAbsent,

    /// <summary>Nothing gets through directly, and the relay refused to help: wrong credentials, or a peer that it must not reach.</summary>
    RelayRefused,

    /// <summary>Nothing gets through directly, and this user's share of the relay is used up, or the relay is full.</summary>
    RelayQuota,

    /// <summary>Nothing gets through directly, and no relay answers.</summary>
    RelayUnreachable,

    /// <summary>The way worked, then the peer fell silent.</summary>
    FellSilent,

    /// <summary>This side closed it.</summary>
    Closed,
}
