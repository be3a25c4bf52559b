namespace CS3103P2P.Peer.Discovery;

/// <summary>What a request to the tracker is about.</summary>
internal enum TrackerExchangeKind
{
    /// <summary>Flag 1 or 2: who has the share?</summary>
    Lookup,

    /// <summary>Flag 6: all names.</summary>
    List,

    /// <summary>Flag 7: one name.</summary>
    Find,

    /// <summary>Flag 4 or 3: chunks that this peer serves.</summary>
    Register,

    /// <summary>REFRESH: the lease, and the way through the NAT.</summary>
    Refresh,

    /// <summary>Flag 5 for one name.</summary>
    Withdraw,

    /// <summary>Flag 5 for all.</summary>
    Leave,

    /// <summary>RENDEZVOUS: an offer for another peer.</summary>
    Offer,
}
