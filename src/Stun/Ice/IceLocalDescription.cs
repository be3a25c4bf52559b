namespace CS3103P2P.Stun.Ice;

/// <summary>What an agent's shell has gathered.</summary>
/// <param name="Candidates">This side's candidates; <see cref="IceAgent.MaxCandidates"/> at most, the rest is left out.</param>
/// <param name="Subnets">The networks of this machine's interfaces, in which private addresses of the peer are believed.</param>
/// <param name="Nat">The NAT in front of the shared socket.</param>
public sealed record IceLocalDescription(IReadOnlyList<IceCandidate> Candidates, IReadOnlyList<IceSubnet> Subnets, IceNat Nat);
