using CS3103P2P.Protocol;
using CS3103P2P.Stun.PortMapping;

namespace CS3103P2P.Stun.Ice;

/// <summary>
/// Decides which addresses of an offer deserve a check, so that no stranger makes this machine probe its own network: addresses that the Internet does not
/// route count only when they lie in a network of one of our interfaces, or when both sides stand behind the same public address, and few at that.
/// </summary>
internal sealed class IceCandidateFilter
{
    /// <summary>Most addresses of private networks that are taken from one peer.</summary>
    public const int MaxPrivateCandidates = 4;

    private readonly List<IceSubnet> _subnets = [];
    private readonly List<TransportAddress> _publicAddresses = new(1);

    /// <summary>Takes this side's networks and reflexive addresses.</summary>
    public void SetLocal(IEnumerable<IceSubnet> subnets, IEnumerable<IceCandidate> candidates)
    {
        _subnets.Clear();
        _subnets.AddRange(subnets);
        _publicAddresses.Clear();
        _publicAddresses.AddRange(candidates.Where(c => c.Type is IceCandidateType.ServerReflexive or IceCandidateType.Mapped).Select(c => c.Address));
    }

    /// <summary>Whether the Internet routes the address.</summary>
    public static bool IsPublic(TransportAddress address) =>
        address.IsIPv4 ? AddressScope.IsPublic(address) : (byte)(address.AddressBits >> 125) == 1;   // 2000::/3

    /// <summary>The candidates worth a check, in their order.</summary>
    public IEnumerable<IceCandidate> Filter(IReadOnlyList<IceCandidate> offered)
    {
        bool shareNat = offered.Any(IsBehindOurNat);
        int privateOnes = 0;
        foreach (IceCandidate candidate in offered)
        {
            if (!IsUsable(candidate.Address)) continue;
            if (!IsPublic(candidate.Address))
            {
                if (!IsPlausible(candidate.Address, shareNat) || privateOnes == MaxPrivateCandidates) continue;
                privateOnes++;
            }

            yield return candidate;
        }
    }

    private bool IsBehindOurNat(IceCandidate candidate) =>
        candidate.Type is IceCandidateType.ServerReflexive or IceCandidateType.Mapped
        && _publicAddresses.Any(a => a.AddressBits == candidate.Address.AddressBits);

    private bool IsPlausible(TransportAddress address, bool shareNat)
    {
        foreach (IceSubnet subnet in _subnets)
        {
            if (subnet.Contains(address)) return true;
        }

        return shareNat && !address.IsLoopback && !IsLinkLocal(address);
    }

    private static bool IsUsable(TransportAddress address)
    {
        if (address.IsUnspecified || address.Port == 0) return false;
        return address.IsIPv4 ? address.ToIPv4Bits() >> 28 < 0xE : (byte)(address.AddressBits >> 120) != 0xFF;   // neither multicast nor reserved
    }

    private static bool IsLinkLocal(TransportAddress address) =>
        address.IsIPv4 ? address.ToIPv4Bits() >> 16 == 0xA9FE : address.AddressBits >> 118 == 0x3FA;
}
