namespace CS3103P2P.Peer;

/// <summary>The kinds of ways to a peer.</summary>
public enum PeerPathKind
{
    /// <summary>uTP over UDP, straight to the peer.</summary>
    Direct,

    /// <summary>TCP, straight to the peer.</summary>
    Tcp,

    /// <summary>By way of a relay, on this side or the other; it moves to <see cref="Direct"/> or <see cref="Tcp"/> as soon as that works.</summary>
    Relay,
}
