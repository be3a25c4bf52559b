using CS3103P2P.Stun.Ice;

namespace CS3103P2P.Stun;

/// <summary>What follows from two NATs for the connection between their peers; names and words for both.</summary>
public static class NatExpectations
{
    /// <summary>The kinds that others may have, in the order of reports.</summary>
    public static IReadOnlyList<NatClass> PeerClasses { get; } =
    [
        NatClass.Public, NatClass.Firewalled, NatClass.FullCone, NatClass.RestrictedCone, NatClass.PortRestricted,
        NatClass.SymmetricSequential, NatClass.Symmetric, NatClass.UdpBlocked,
    ];

    /// <summary>The name of a behaviour.</summary>
    /// <param name="mapping">How it maps.</param>
    /// <param name="filtering">Whom it lets in.</param>
    /// <param name="portDelta">The constant step of its ports; 0 when there is none, or it is not known.</param>
    public static NatClass Classify(NatMapping mapping, NatFiltering filtering, int portDelta = 0) => (mapping, filtering) switch
    {
        (NatMapping.None, NatFiltering.EndpointIndependent) => NatClass.Public,
        (NatMapping.None, NatFiltering.Unknown) => NatClass.EndpointIndependent,
        (NatMapping.None, _) => NatClass.Firewalled,
        (NatMapping.EndpointIndependent, NatFiltering.EndpointIndependent) => NatClass.FullCone,
        (NatMapping.EndpointIndependent, NatFiltering.AddressDependent) => NatClass.RestrictedCone,
        (NatMapping.EndpointIndependent, NatFiltering.AddressAndPortDependent) => NatClass.PortRestricted,
        (NatMapping.EndpointIndependent, _) => NatClass.EndpointIndependent,
        (NatMapping.Unknown, _) => NatClass.Unknown,
        _ => portDelta != 0 ? NatClass.SymmetricSequential : NatClass.Symmetric,
    };

    /// <summary>The name of what an agent knows of a NAT.</summary>
    public static NatClass Classify(IceNat nat) => Classify(nat.Mapping, nat.Filtering, nat.PortDelta);

    /// <summary>How two peers behind such NATs connect, neither router opening ports on request.</summary>
    public static NatExpectation Between(NatClass one, NatClass other)
    {
        if (one == NatClass.Unknown || other == NatClass.Unknown) return NatExpectation.Unknown;
        bool isByTcp = one == NatClass.UdpBlocked || other == NatClass.UdpBlocked;
        if (isByTcp) return IsSymmetric(one) || IsSymmetric(other) ? NatExpectation.Relay : NatExpectation.DirectByTcp;
        if (IsSymmetric(one) && IsSymmetric(other)) return NatExpectation.Relay;
        if (!IsSymmetric(one) && !IsSymmetric(other)) return NatExpectation.Direct;
        NatClass steady = IsSymmetric(one) ? other : one;
        return steady switch
        {
            NatClass.Public or NatClass.FullCone or NatClass.RestrictedCone => NatExpectation.Direct,
            NatClass.EndpointIndependent => NatExpectation.Unknown,
            _ => NatExpectation.DirectAfterGuessing,
        };
    }

    /// <summary>The stable name of a kind, such as <c>port-restricted</c>.</summary>
    public static string NameOf(NatClass kind) => kind switch
    {
        NatClass.Public => "public",
        NatClass.Firewalled => "firewalled",
        NatClass.FullCone => "full-cone",
        NatClass.RestrictedCone => "restricted-cone",
        NatClass.PortRestricted => "port-restricted",
        NatClass.EndpointIndependent => "endpoint-independent",
        NatClass.SymmetricSequential => "symmetric-sequential",
        NatClass.Symmetric => "symmetric",
        NatClass.UdpBlocked => "udp-blocked",
        _ => "unknown",
    };

    /// <summary>What a kind is, for a person, as part of a sentence.</summary>
    public static string Describe(NatClass kind) => kind switch
    {
        NatClass.Public => "a public address, open to all",
        NatClass.Firewalled => "a public address behind a firewall that lets answers in only",
        NatClass.FullCone => "one port for all, open to all",
        NatClass.RestrictedCone => "one port for all, open to addresses that were sent to",
        NatClass.PortRestricted => "one port for all, open to what was sent to: the usual home router",
        NatClass.EndpointIndependent => "one port for all; open to whom is not known",
        NatClass.SymmetricSequential => "the next port for each destination",
        NatClass.Symmetric => "a random port for each destination",
        NatClass.UdpBlocked => "no UDP",
        _ => "not known",
    };

    /// <summary>What to expect, for a person.</summary>
    public static string Describe(NatExpectation expectation) => expectation switch
    {
        NatExpectation.Direct => "direct",
        NatExpectation.DirectAfterGuessing => "direct after guessing ports; by relay until then",
        NatExpectation.DirectByTcp => "direct, by TCP",
        NatExpectation.Relay => "relay",
        _ => "not known",
    };

    private static bool IsSymmetric(NatClass kind) => kind is NatClass.Symmetric or NatClass.SymmetricSequential;
}
