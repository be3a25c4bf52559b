using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Discovery.Mdns;

/// <summary>An answer that waits for its time.</summary>
internal sealed class MdnsReply(TransportAddress asker, MdnsRecords records, MonotonicTime dueAt)
{
    public TransportAddress Asker => asker;

    public MdnsRecords Records { get; set; } = records;

    public MonotonicTime DueAt { get; set; } = dueAt;

    public bool IsUnicast { get; init; }

    /// <summary>The question of a plain DNS client, which wants it repeated (RFC 6762 §6.7).</summary>
    public DnsQuestion? Legacy { get; init; }

    public ushort LegacyId { get; init; }
}
