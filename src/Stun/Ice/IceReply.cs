using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.Ice;

/// <summary>One answer to a check.</summary>
/// <param name="Path">The way that the check came by.</param>
/// <param name="Destination">The address that it came from.</param>
/// <param name="Id">Its transaction.</param>
/// <param name="Credentials">What signs the answer.</param>
/// <param name="IsConflict">Whether the answer is error 487.</param>
internal readonly record struct IceReply(int Path, TransportAddress Destination, StunTransactionId Id, IceCredentials Credentials, bool IsConflict);
