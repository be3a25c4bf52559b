using CS3103P2P.Protocol;

namespace CS3103P2P.Tracker.Udp;

/// <summary>
/// Which addresses a peer may name as its own. Otherwise the tracker would send a swarm to whomever somebody dislikes; see
/// <c>docs/decisions/tracker-addresses.md</c>.
/// </summary>
internal static class AddressRules
{
    /// <summary>
    /// Whether a sender may name this address: its own, any unicast address when the sender shares the tracker's side of a NAT (loopback, private
    /// and link-local networks, which no stranger can send from), but never loopback or "no address" for somebody else.
    /// </summary>
    public static bool MayName(TransportAddress source, TransportAddress named)
    {
        if (!IsUnicast(named)) return false;
        if (named.AddressBits == source.AddressBits) return true;
        return IsLocal(source) && (!named.IsLoopback || source.IsLoopback);
    }

    /// <summary>Whether a sender may add this to its further addresses: those of its own host, and private ones, which are met on its network alone.</summary>
    public static bool MayBeCandidate(TransportAddress source, TransportAddress candidate) =>
        MayName(source, candidate) || (IsLocal(candidate) && !candidate.IsLoopback && IsUnicast(candidate));

    /// <summary>Whether one host can have the address.</summary>
    public static bool IsUnicast(TransportAddress address)
    {
        if (address.IsUnspecified || address.Port == 0) return false;
        if (!address.IsIPv4) return address.AddressBits >> 120 != 0xFF;
        uint bits = address.ToIPv4Bits();
        return bits >> 24 != 0 && bits >> 28 < 0xE;
    }

    /// <summary>Loopback, RFC 1918, RFC 6598, link-local, RFC 4193.</summary>
    public static bool IsLocal(TransportAddress address)
    {
        if (address.IsLoopback) return true;
        if (!address.IsIPv4) return address.AddressBits >> 121 == 0xFC >> 1 || address.AddressBits >> 118 == 0xFE80 >> 6;
        uint bits = address.ToIPv4Bits();
        return bits >> 24 == 10
            || bits >> 20 == 0xAC1
            || bits >> 16 == 0xC0A8
            || bits >> 22 == 0x6440 >> 6
            || bits >> 16 == 0xA9FE;
    }
}
