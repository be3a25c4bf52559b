using CS3103P2P.Stun;

namespace CS3103P2P.Simulation;

/// <summary>A kind of home, named as in docs/nat-lab.md.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Share">The share of homes that are assumed to be like it, in percent.</param>
/// <param name="Nat">Its router; null for none.</param>
internal sealed record HomeKind(string Name, int Share, NatProfile? Nat)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    /// <summary>All kinds; four homes of five are behind a NAT, and a quarter of those NATs map by destination.</summary>
    public static IReadOnlyList<HomeKind> All { get; } =
    [
        new("public", 20, null),
        Of("full-cone", 10, NatMapping.EndpointIndependent, NatFiltering.EndpointIndependent, PortAssignment.Random),
        Of("restricted-cone", 8, NatMapping.EndpointIndependent, NatFiltering.AddressDependent, PortAssignment.Random),
        Of("port-restricted", 24, NatMapping.EndpointIndependent, NatFiltering.AddressAndPortDependent, PortAssignment.Random),
        Of("linux", 18, NatMapping.EndpointIndependent, NatFiltering.AddressAndPortDependent, PortAssignment.Preserving),
        Of("symmetric", 8, NatMapping.AddressAndPortDependent, NatFiltering.AddressAndPortDependent, PortAssignment.Random),
        Of("symmetric-addr", 4, NatMapping.AddressDependent, NatFiltering.AddressAndPortDependent, PortAssignment.Random),
        Of("symmetric-sequential", 8, NatMapping.AddressAndPortDependent, NatFiltering.AddressAndPortDependent, PortAssignment.Sequential),
    ];

    /// <summary>The number of a kind, drawn by the shares.</summary>
    public static int Draw(Random random)
    {
        int at = random.Next(100);
        for (int kind = 0; kind < All.Count; kind++)
        {
            at -= All[kind].Share;
            if (at < 0) return kind;
        }

        throw new InvalidOperationException("The shares do not add up to 100.");
    }

    private static HomeKind Of(string name, int share, NatMapping mapping, NatFiltering filtering, PortAssignment ports) =>
        new(name, share, new NatProfile(mapping, filtering, Timeout, ports, Hairpins: false));
}
