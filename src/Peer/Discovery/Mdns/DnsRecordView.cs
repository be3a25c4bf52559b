namespace CS3103P2P.Peer.Discovery.Mdns;

/// <summary>One record of a message that is being read (RFC 1035 §4.1.3).</summary>
/// <param name="Section">Where it stands.</param>
/// <param name="Name">Whose record it is.</param>
/// <param name="Type">Its type.</param>
/// <param name="CacheFlush">Whether it replaces older ones of its name and type (RFC 6762 §10.2).</param>
/// <param name="TtlSeconds">How long it may be kept; 0 is a goodbye (§10.1).</param>
/// <param name="DataStart">Where its data begins in the message.</param>
/// <param name="DataLength">How many bytes of data.</param>
internal readonly record struct DnsRecordView(
    DnsSection Section,
    DnsName Name,
    DnsType Type,
    bool CacheFlush,
    uint TtlSeconds,
    int DataStart,
    int DataLength);
