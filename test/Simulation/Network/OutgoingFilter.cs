using CS3103P2P.Protocol;

namespace CS3103P2P.Simulation;

/// <summary>Looks at a datagram that is about to be sent, may change it and where it goes, and returns its length; 0 swallows it.</summary>
internal delegate int OutgoingFilter(Span<byte> datagram, ref TransportAddress destination);
