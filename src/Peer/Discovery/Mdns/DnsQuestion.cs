namespace CS3103P2P.Peer.Discovery.Mdns;

/// <summary>One question (RFC 1035 §4.1.2).</summary>
/// <param name="Name">About which name.</param>
/// <param name="Type">About which records.</param>
/// <param name="WantsUnicast">The QU bit (RFC 6762 §5.4).</param>
internal readonly record struct DnsQuestion(DnsName Name, DnsType Type, bool WantsUnicast = false);
