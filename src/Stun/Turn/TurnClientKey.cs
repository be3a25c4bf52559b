using CS3103P2P.Protocol;

namespace CS3103P2P.Stun;

/// <summary>Names a client of a TURN server: the varying part of the 5-tuple.</summary>
/// <param name="Address">The client's address.</param>
/// <param name="Connection">0 for UDP; a number of its own for each TCP or TLS connection.</param>
public readonly record struct TurnClientKey(TransportAddress Address, int Connection);
