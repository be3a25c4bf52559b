using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.PortMapping;

/// <summary>A response of a NAT-PMP server (RFC 6886 §3.2, §3.3).</summary>
/// <param name="Opcode">That of the request, without the response bit.</param>
/// <param name="Result">Why, when it is not a success.</param>
/// <param name="EpochSeconds">Seconds since the server began its table of mappings.</param>
/// <param name="ExternalAddress">The outer address (port 0), in the answer to that question.</param>
/// <param name="InternalPort">Our port, of a mapping.</param>
/// <param name="ExternalPort">The outer port, of a mapping.</param>
/// <param name="LifetimeSeconds">Of a mapping.</param>
internal readonly record struct NatPmpResponse(
    byte Opcode,
    NatPmpResultCode Result,
    uint EpochSeconds,
    TransportAddress ExternalAddress,
    ushort InternalPort,
    ushort ExternalPort,
    uint LifetimeSeconds);
