using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.Ice;

/// <summary>One datagram that an agent wants sent.</summary>
/// <param name="Path">By which way; see <see cref="IcePaths"/>.</param>
/// <param name="Destination">To whom; for a relay, the peer's address and not the relay's.</param>
/// <param name="Bytes">How many bytes were written.</param>
public readonly record struct IceTransmit(int Path, TransportAddress Destination, int Bytes);
