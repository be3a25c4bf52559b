using CS3103P2P.Protocol;

namespace CS3103P2P.Peer;

/// <summary>How data goes to and from a peer.</summary>
/// <param name="Peer">The peer.</param>
/// <param name="Kind">What kind of way it is.</param>
/// <param name="Address">The other end of the way: the peer's address, or the relay's.</param>
public sealed record PeerPath(PeerId Peer, PeerPathKind Kind, TransportAddress Address);
