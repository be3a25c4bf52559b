using CS3103P2P.Protocol;

namespace CS3103P2P.Stun;

/// <summary>Why a TURN server did not do what it was asked for.</summary>
/// <param name="Outcome"><see cref="StunOutcome.Refused"/>, <see cref="StunOutcome.TimedOut"/> or <see cref="StunOutcome.Malformed"/>.</param>
/// <param name="ErrorCode">The server's error code when it refused; otherwise 0. 401 means wrong credentials.</param>
/// <param name="AlternateServer">The server to ask instead, after code 300.</param>
public sealed record TurnFailure(StunOutcome Outcome, int ErrorCode = 0, TransportAddress? AlternateServer = null);
