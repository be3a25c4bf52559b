using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Discovery;

/// <summary>What the tracker knows of a share.</summary>
/// <param name="Descriptor">What the content is; null when only programs without extensions registered it.</param>
/// <param name="Peers">Who has which chunks; empty when nobody has any. In a large swarm, a random sample.</param>
internal sealed record SwarmListing(ShareDescriptor? Descriptor, IReadOnlyList<SwarmPeer> Peers);
