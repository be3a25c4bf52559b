using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.Mapper;

/// <summary>The routers of this machine's default routes, with our own addresses on them. Ports are 0.</summary>
internal sealed record GatewayRoute(TransportAddress Client, TransportAddress Gateway, TransportAddress? Client6 = null, TransportAddress? Gateway6 = null);
