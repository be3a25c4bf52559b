using CS3103P2P.Protocol;

namespace CS3103P2P.Stun;

/// <summary>Sends an ICE offer to a peer, as the tracker's rendezvous message does.</summary>
/// <param name="to">The peer.</param>
/// <param name="offer">The offer, at most 700 bytes.</param>
/// <param name="cancellationToken">Gives up.</param>
/// <returns>False when nobody knows such a peer.</returns>
public delegate Task<bool> IceOfferSender(PeerId to, ReadOnlyMemory<byte> offer, CancellationToken cancellationToken);
