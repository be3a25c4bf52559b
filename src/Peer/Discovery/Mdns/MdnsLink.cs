using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Discovery.Mdns;

/// <summary>One network interface: its number, and its addresses with the length of their prefix.</summary>
internal sealed record MdnsLink(uint InterfaceIndex, IReadOnlyList<MdnsPrefix> Prefixes)
{
    private const int MaxAdvertised = 8;

    /// <summary>Our addresses here that others on the link can reach.</summary>
    public IEnumerable<TransportAddress> Addresses => Prefixes.Select(prefix => prefix.Address).Take(MaxAdvertised);

    public bool IsLoopback => Prefixes.Any(prefix => prefix.Address.IsLoopback);

    /// <summary>Whether a packet's sender is on this link; others are not believed (RFC 6762 §11).</summary>
    public bool IsOnLink(TransportAddress source)
    {
        if (source.ScopeId != 0 && source.ScopeId != InterfaceIndex) return false;
        foreach (MdnsPrefix prefix in Prefixes)
        {
            if (prefix.Contains(source)) return true;
        }

        return false;
    }
}
