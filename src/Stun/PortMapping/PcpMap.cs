using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.PortMapping;

/// <summary>The body of a PCP MAP request or response (RFC 6887 §11.1).</summary>
/// <param name="Nonce">Repeated by the router.</param>
/// <param name="Transport">TCP or UDP.</param>
/// <param name="InternalPort">Our port.</param>
/// <param name="External">In a request the outer address and port wished for (all zero: any); in a response the ones assigned.</param>
internal readonly record struct PcpMap(PcpNonce Nonce, MappingTransport Transport, ushort InternalPort, TransportAddress External);
