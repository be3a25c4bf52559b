using CS3103P2P.Protocol;

namespace CS3103P2P.Stun;

/// <summary>To which addresses a relay does not relay: those that only mean something inside some network (RFC 6890, RFC 8656 §21.2).</summary>
internal static class TurnPeerPolicy
{
    private static readonly (uint Network, int Bits)[] SpecialIPv4 =
    [
        (0x00000000, 8),    // this network
        (0x0A000000, 8),    // private
        (0x64400000, 10),   // carriers' NATs
        (0x7F000000, 8),    // loopback
        (0xA9FE0000, 16),   // link-local, and the metadata services of clouds
        (0xAC100000, 12),   // private
        (0xC0000000, 24),   // protocol assignments
        (0xC0A80000, 16),   // private
        (0xC6120000, 15),   // benchmarks
        (0xE0000000, 4),    // multicast
        (0xF0000000, 4),    // reserved, broadcast
    ];

    private static readonly (UInt128 Network, int Bits)[] SpecialIPv6 =
    [
        (UInt128.Zero, 96),                             // unspecified, loopback, IPv4-compatible
        (new UInt128(0x0064_FF9B_0000_0000, 0), 32),    // NAT64, which leads to IPv4
        (new UInt128(0x2002_0000_0000_0000, 0), 16),    // 6to4, which embeds IPv4
        (new UInt128(0x2001_0000_0000_0000, 0), 32),    // Teredo, likewise
        (new UInt128(0xFC00_0000_0000_0000, 0), 7),     // unique local
        (new UInt128(0xFE80_0000_0000_0000, 0), 10),    // link-local
        (new UInt128(0xFEC0_0000_0000_0000, 0), 10),    // site-local
        (new UInt128(0xFF00_0000_0000_0000, 0), 8),     // multicast
    ];

    /// <summary>Whether an address is one of the public Internet's.</summary>
    public static bool IsPublic(TransportAddress address)
    {
        if (address.IsIPv4)
        {
            uint bits = address.ToIPv4Bits();
            foreach ((uint network, int length) in SpecialIPv4)
            {
                if ((bits ^ network) >> (32 - length) == 0) return false;
            }

            return true;
        }

        foreach ((UInt128 network, int length) in SpecialIPv6)
        {
            if ((address.AddressBits ^ network) >> (128 - length) == UInt128.Zero) return false;
        }

        return true;
    }
}
