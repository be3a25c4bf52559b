using CS3103P2P.Protocol;

namespace CS3103P2P.Stun;

/// <summary>What a <see cref="PublicEndpointWatcher"/> knows.</summary>
/// <param name="Address">The public address last learned; null when no server has answered yet.</param>
/// <param name="Mapping">
/// <see cref="NatMapping.EndpointIndependent"/> when servers at different addresses agree, <see cref="NatMapping.Dependent"/> when they do not,
/// <see cref="NatMapping.Unknown"/> while fewer than two have answered.
/// </param>
/// <param name="LastOutcome">How the last round ended: success when any server answered in it.</param>
public sealed record PublicEndpointStatus(TransportAddress? Address, NatMapping Mapping, StunOutcome LastOutcome);
