using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Discovery.Mdns;

/// <summary>An address of ours with its network.</summary>
/// <param name="Address">The address; its port does not count.</param>
/// <param name="Length">Bits of the network part: 0 to 32 for IPv4, 0 to 128 for IPv6.</param>
internal readonly record struct MdnsPrefix(TransportAddress Address, int Length)
{
    public bool Contains(TransportAddress other)
    {
        if (other.IsIPv4 != Address.IsIPv4) return false;
        int hostBits = (Address.IsIPv4 ? 32 : 128) - Length;
        return hostBits >= 128 || (other.AddressBits ^ Address.AddressBits) >> hostBits == UInt128.Zero;
    }
}
