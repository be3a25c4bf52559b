namespace CS3103P2P.Peer.Discovery.Mdns;

/// <summary>A record to be sent.</summary>
/// <param name="Name">Whose record it is.</param>
/// <param name="Type">Its type.</param>
/// <param name="IsUnique">Ours alone, so that it flushes older ones out of caches; false for records shared by name (RFC 6762 §2).</param>
/// <param name="TtlSeconds">How long it may be kept.</param>
/// <param name="Data">Its data, uncompressed.</param>
internal sealed record DnsRecord(DnsName Name, DnsType Type, bool IsUnique, uint TtlSeconds, byte[] Data);
