using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Discovery;

/// <summary>A peer on the local network, found by mDNS.</summary>
/// <param name="Id">Its peer id, as it claims it; TLS proves it later.</param>
/// <param name="InstanceName">The name under which it is shown on the network.</param>
/// <param name="Addresses">Where it can be reached, all with its port; link-local IPv6 with a zone.</param>
/// <param name="Version">The protocol version that it speaks.</param>
public sealed record LanPeer(PeerId Id, string InstanceName, IReadOnlyList<TransportAddress> Addresses, int Version);
