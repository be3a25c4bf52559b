using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.PortMapping;

/// <summary>What a router said, whichever protocol it said it in.</summary>
/// <param name="Kind">Which question it answers.</param>
/// <param name="Failure">Why it says no; <see cref="PortMappingFailure.None"/> for yes.</param>
/// <param name="EpochSeconds">Seconds for which the router has kept its state.</param>
/// <param name="Transport">Of a mapping.</param>
/// <param name="External">The outer address where told (bits zero when not), with the outer port of a mapping.</param>
/// <param name="LifetimeSeconds">Of a mapping, or of a refusal where the protocol tells it.</param>
internal readonly record struct GatewayAnswer(
    GatewayAnswerKind Kind,
    PortMappingFailure Failure,
    uint EpochSeconds,
    MappingTransport Transport,
    TransportAddress External,
    uint LifetimeSeconds);
