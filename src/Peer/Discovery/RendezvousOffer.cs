using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Discovery;

/// <summary>A connection offer that another peer sent by way of the tracker.</summary>
/// <param name="From">Who says it is from; proven only by the connection that follows.</param>
/// <param name="SeenAt">The address at which the tracker sees that peer.</param>
/// <param name="Offer">The offer, at most <see cref="TrackerLimits.MaxOfferBytes"/> bytes.</param>
internal sealed record RendezvousOffer(PeerId From, TransportAddress SeenAt, ReadOnlyMemory<byte> Offer);
