using CS3103P2P.Protocol;

namespace CS3103P2P.Stun;

/// <summary>Takes data that came by way of a relay.</summary>
/// <param name="peer">Who sent it.</param>
/// <param name="data">The data; valid only during the call.</param>
public delegate void TurnDataReceived(TransportAddress peer, ReadOnlySpan<byte> data);
