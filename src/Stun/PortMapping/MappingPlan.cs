using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.PortMapping;

/// <summary>What is to be mapped, and where the routers are.</summary>
internal sealed record MappingPlan
{
    /// <summary>Our IPv4 address on the router's network, with the port to be mapped.</summary>
    public required TransportAddress Client { get; init; }

    /// <summary>The IPv4 router with the port of its PCP and NAT-PMP server.</summary>
    public required TransportAddress Gateway { get; init; }

    /// <summary>Where SSDP searches go: the multicast group, and the router with the same port.</summary>
    public required TransportAddress SsdpGroup { get; init; }

    /// <summary>Our global IPv6 address with the port, when a pinhole is wanted and the network has IPv6.</summary>
    public TransportAddress? Client6 { get; init; }

    /// <summary>The IPv6 router with the port of its PCP server.</summary>
    public TransportAddress? Gateway6 { get; init; }

    public bool MapTcp { get; init; } = true;

    public TimeSpan Lifetime { get; init; } = TimeSpan.FromHours(2);

    public string Description { get; init; } = "CS3103P2P";

    public ushort Port => Client.Port;

    public uint LifetimeSeconds => (uint)Lifetime.TotalSeconds;
}
