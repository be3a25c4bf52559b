using CS3103P2P.Protocol;
using CS3103P2P.Stun;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>That a peer would connect by TCP at the same time.</summary>
/// <param name="Peer">Who, by its own word.</param>
/// <param name="Send">Brings it our offers.</param>
/// <param name="Address">How its port looks from outside; null while it has not said so.</param>
internal sealed record TcpPunchWish(PeerId Peer, IceOfferSender Send, TransportAddress? Address);
