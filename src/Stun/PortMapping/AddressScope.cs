using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.PortMapping;

/// <summary>Tells which IPv4 addresses cannot be a home router's public one.</summary>
internal static class AddressScope
{
    /// <summary>Whether the Internet can route to the address: not private (RFC 1918), shared (RFC 6598), link-local, loopback or IETF's own.</summary>
    public static bool IsPublic(TransportAddress address)
    {
        if (!address.IsIPv4 || address.IsUnspecified) return false;
        uint bits = address.ToIPv4Bits();
        return (bits >> 24) is not (0 or 10 or 127 or >= 224)
            && bits >> 22 != 0x6440_0000 >> 22 // 100.64.0.0/10
            && bits >> 20 != 0xAC10_0000 >> 20 // 172.16.0.0/12
            && bits >> 16 is not (0xC0A8 or 0xA9FE) // 192.168.0.0/16, 169.254.0.0/16
            && bits >> 8 != 0xC00000; // 192.0.0.0/24
    }
}
