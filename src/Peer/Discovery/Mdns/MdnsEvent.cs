namespace CS3103P2P.Peer.Discovery.Mdns;

/// <summary>A peer came or changed, or went.</summary>
internal readonly record struct MdnsEvent(LanPeer Peer, bool IsLost);
