using CS3103P2P.Protocol;

namespace CS3103P2P.Transport;

/// <summary>An address of one of this machine's interfaces.</summary>
/// <param name="Address">The address, port 0.</param>
/// <param name="PrefixLength">Bits that all of its network share.</param>
internal readonly record struct HostAddress(TransportAddress Address, int PrefixLength);
