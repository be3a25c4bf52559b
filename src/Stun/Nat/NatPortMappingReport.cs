using CS3103P2P.Protocol;

namespace CS3103P2P.Stun;

/// <summary>Whether the router speaks one protocol for opening ports. Nothing was opened to find out.</summary>
/// <param name="Protocol">The protocol.</param>
/// <param name="Answers">Whether the router answered in it.</param>
/// <param name="Failure">Why it would open nothing; <see cref="PortMappingFailure.None"/> when nothing speaks against it.</param>
/// <param name="ExternalAddress">The router's outer address (port 0) where the protocol tells it.</param>
public sealed record NatPortMappingReport(PortMappingProtocol Protocol, bool Answers, PortMappingFailure Failure, TransportAddress? ExternalAddress);
