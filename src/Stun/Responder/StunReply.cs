using CS3103P2P.Protocol;

namespace CS3103P2P.Stun;

/// <summary>An answer that a <see cref="StunResponder"/> wrote.</summary>
/// <param name="Bytes">Its length.</param>
/// <param name="Destination">Where it goes.</param>
/// <param name="SendFrom">The socket from which it must go; the one that received the request unless CHANGE-REQUEST said otherwise.</param>
public readonly record struct StunReply(int Bytes, TransportAddress Destination, int SendFrom);
