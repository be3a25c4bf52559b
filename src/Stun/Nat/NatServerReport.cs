using CS3103P2P.Protocol;

namespace CS3103P2P.Stun;

/// <summary>What one STUN server answered.</summary>
/// <param name="Server">The server, as configured.</param>
/// <param name="SeenAs">The address that it saw; null when it did not answer by UDP.</param>
/// <param name="RoundTrip">How long the answer took; null when it did not come, or not to the first request.</param>
/// <param name="HasTwoAddresses">Whether it serves the tests of RFC 5780, for which a server needs a second address.</param>
/// <param name="ByTcp">Whether TCP reached it; null when that was not tried, because UDP did.</param>
/// <param name="SeenByTcpAs">The address that it saw by TCP; null when it was not asked or does not answer STUN there.</param>
/// <param name="Outcome">How the question by UDP ended.</param>
public sealed record NatServerReport(
    string Server, TransportAddress? SeenAs, TimeSpan? RoundTrip, bool HasTwoAddresses, bool? ByTcp, TransportAddress? SeenByTcpAs, StunOutcome Outcome);
