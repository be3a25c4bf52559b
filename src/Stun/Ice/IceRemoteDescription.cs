namespace CS3103P2P.Stun.Ice;

/// <summary>What the peer offers.</summary>
/// <param name="Credentials">Its credentials; others than before mean an ICE restart (RFC 8445 §9).</param>
/// <param name="Candidates">Its candidates; <see cref="IceAgent.MaxCandidates"/> at most, the rest is left out.</param>
/// <param name="Nat">The NAT in front of it.</param>
/// <param name="IsConfirmed">Whether the peer has shown that it got our offer, so that costly means may be spent on it.</param>
public sealed record IceRemoteDescription(IceCredentials Credentials, IReadOnlyList<IceCandidate> Candidates, IceNat Nat, bool IsConfirmed);
