using CS3103P2P.Protocol;

namespace CS3103P2P.Stun;

/// <summary>What <see cref="NatDiagnosis.RunAsync"/> found out. What could not be found out is Unknown or null, never guessed.</summary>
public sealed record NatReport
{
    /// <summary>The address from which this machine sends, port 0; null when it has no route to any server.</summary>
    public TransportAddress? LocalAddress { get; init; }

    /// <summary>A socket's address as seen from outside; null when no server answered.</summary>
    public TransportAddress? PublicAddress { get; init; }

    /// <summary>Whether no server answered by UDP although TCP reached one; null when neither did, so that nothing can be told.</summary>
    public bool? IsUdpBlocked { get; init; }

    /// <summary>Whether some server served the tests of RFC 5780; without, filtering stays unknown.</summary>
    public bool HasTwoAddressServer { get; init; }

    /// <summary>How the NAT maps.</summary>
    public NatMapping Mapping { get; init; }

    /// <summary>How the NAT or firewall filters.</summary>
    public NatFiltering Filtering { get; init; }

    /// <summary>The constant step from one external port to the next; 0 when there is none, or it does not matter.</summary>
    public int PortDelta { get; init; }

    /// <summary>Whether external ports have the numbers of the local ones.</summary>
    public NatPortPreservation Ports { get; init; }

    /// <summary>Whether the public address works from inside.</summary>
    public NatHairpin Hairpin { get; init; }

    /// <summary>How long a mapping that was used once is kept, measured; null when it was not asked for, or could not be measured.</summary>
    public NatLifetime? Lifetime { get; init; }

    /// <summary>What the router answered to each protocol for opening ports; empty when it was not asked.</summary>
    public IReadOnlyList<NatPortMappingReport> PortMapping { get; init; } = [];

    /// <summary>Whether a further NAT stands above the router: its outer address is not the public one. Null when the router did not tell it.</summary>
    public bool? IsDoubleNat { get; init; }

    /// <summary>This machine's global IPv6 address, port 0; null when it has none.</summary>
    public TransportAddress? IPv6Address { get; init; }

    /// <summary>Whether a server answered over IPv6; null when no server has an IPv6 address, or this machine has none.</summary>
    public bool? IsIPv6Reachable { get; init; }

    /// <summary>What each server answered.</summary>
    public IReadOnlyList<NatServerReport> Servers { get; init; } = [];

    /// <summary>The kind, by the name that people know it by.</summary>
    public NatClass Kind => IsUdpBlocked == true ? NatClass.UdpBlocked : NatExpectations.Classify(Mapping, Filtering, PortDelta);

    /// <summary>How a peer behind a NAT of this kind can be expected to connect with this machine.</summary>
    public NatExpectation ExpectWith(NatClass peer) => NatExpectations.Between(Kind, peer);
}
