using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Discovery.Mdns;

/// <summary>A message to be sent.</summary>
/// <param name="Destination">Null: to the multicast groups of IPv4 and IPv6.</param>
/// <param name="Bytes">Its length.</param>
internal readonly record struct MdnsTransmit(TransportAddress? Destination, int Bytes);
