using CS3103P2P.Stun.Ice;

namespace CS3103P2P.Stun;

/// <summary>A connection, or why there is none; one of the two is null.</summary>
/// <param name="Connection">The connection.</param>
/// <param name="Failure">Why there is none.</param>
public readonly record struct IceConnectResult(IceConnection? Connection, IceFailure? Failure);
