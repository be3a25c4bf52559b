namespace CS3103P2P.Simulation;

/// <summary>What a peer is like.</summary>
internal enum PeerKind
{
    /// <summary>The product.</summary>
    Honest,

    /// <summary>The product, but what it serves is partly wrong.</summary>
    Liar,

    /// <summary>Takes connections and says nothing.</summary>
    Mute,

    /// <summary>Sends noise to everybody, and forged requests to the tracker.</summary>
    Attacker,
}
