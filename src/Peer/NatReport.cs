using CS3103P2P.Protocol;

namespace CS3103P2P.Peer;

/// <summary>How this peer is seen from outside.</summary>
/// <param name="LocalAddress">Where it listens.</param>
/// <param name="PublicAddress">Where others see it; null when no STUN server answered.</param>
/// <param name="IsMappingEndpointIndependent">Whether every server saw the same address (RFC 4787 §4.1), so that others can reach it there;
/// null when fewer than two answered.</param>
/// <param name="IsPublic">Whether the public address is one of this machine's own: no NAT.</param>
/// <param name="Servers">What each server answered.</param>
public sealed record NatReport(
    TransportAddress LocalAddress,
    TransportAddress? PublicAddress,
    bool? IsMappingEndpointIndependent,
    bool IsPublic,
    IReadOnlyList<NatServerReport> Servers);
