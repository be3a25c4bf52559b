using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Discovery.Mdns;

/// <summary>Another host with its addresses.</summary>
internal sealed class MdnsHost(DnsName name)
{
    internal const int MaxAddresses = 16;
    private static readonly TimeSpan FlushGrace = TimeSpan.FromSeconds(1); // RFC 6762 §10.2: one announcement may take several messages

    public DnsName Name => name;

    public List<(DnsType Type, TransportAddress Address, MdnsCached Record)> Addresses { get; } = [];

    /// <summary>Takes an address record; true when the set of addresses has changed.</summary>
    public bool Add(MonotonicTime now, in DnsRecordView view, TransportAddress address, byte[] data, Random random)
    {
        DnsType type = view.Type;
        int before = Addresses.Count;
        int known = Addresses.FindIndex(entry => entry.Address == address);
        if (known >= 0) Addresses[known].Record.Renew(now, view.TtlSeconds, random);
        else if (view.TtlSeconds > 0 && Addresses.Count < MaxAddresses) Addresses.Add((type, address, new MdnsCached(data, now, view.TtlSeconds, random)));
        if (!view.CacheFlush) return Addresses.Count != before;
        foreach ((DnsType otherType, TransportAddress other, MdnsCached record) in Addresses)
        {
            if (otherType == type && other != address && now.Since(record.ReceivedAt) > FlushGrace) record.ExpireSoon(now);
        }

        return Addresses.Count != before;
    }

    /// <summary>Drops what is too old; true when something was.</summary>
    public bool Expire(MonotonicTime now) => Addresses.RemoveAll(entry => entry.Record.ExpiresAt <= now) > 0;
}
