using CS3103P2P.Protocol;

namespace CS3103P2P.Stun;

/// <summary>What the routers forward to this machine at one moment. Immutable.</summary>
public sealed record PortMappingStatus
{
    /// <summary>The status before any router has answered.</summary>
    public static readonly PortMappingStatus Pending = new();

    /// <summary>Whether the first round of questions is over: something is mapped, or nothing can be for now.</summary>
    public bool IsSettled { get; init; }

    /// <summary>The protocol that made the IPv4 mappings; <see cref="PortMappingProtocol.None"/> when there are none.</summary>
    public PortMappingProtocol Protocol { get; init; }

    /// <summary>The router's outer IPv4 address with the port that is forwarded to our UDP port; null when none is.</summary>
    public TransportAddress? Udp { get; init; }

    /// <summary>The same for TCP. The number may differ from that of UDP when the router gave no pair.</summary>
    public TransportAddress? Tcp { get; init; }

    /// <summary>Our IPv6 address and port when the router's firewall lets UDP in from outside (PCP MAP over IPv6); otherwise null.</summary>
    public TransportAddress? PinholeUdp { get; init; }

    /// <summary>The same for TCP.</summary>
    public TransportAddress? PinholeTcp { get; init; }

    /// <summary>The router's outer IPv4 address (port 0) when it told it, mapped or not.</summary>
    public TransportAddress? ExternalAddress { get; init; }

    /// <summary>
    /// Whether another NAT stands above the router: its outer address is private or shared (RFC 6598), differs from what a STUN
    /// server sees, or the router said so. The mappings then do not reach the Internet.
    /// </summary>
    public bool IsDoubleNat { get; init; }

    /// <summary>Why there is no IPv4 mapping; <see cref="PortMappingFailure.None"/> when there is one.</summary>
    public PortMappingFailure Failure { get; init; }
}
