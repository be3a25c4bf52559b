namespace CS3103P2P.Stun.Ice;

/// <summary>Why a connection failed, with what is known of both NATs.</summary>
/// <param name="Reason">The reason.</param>
/// <param name="LocalNat">This side's NAT.</param>
/// <param name="RemoteNat">The peer's, as it said; default when no offer came.</param>
public sealed record IceFailure(IceFailureReason Reason, IceNat LocalNat, IceNat RemoteNat);
