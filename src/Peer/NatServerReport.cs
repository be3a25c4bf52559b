using CS3103P2P.Protocol;

namespace CS3103P2P.Peer;

/// <summary>What one STUN server answered.</summary>
/// <param name="Server">The server, as configured.</param>
/// <param name="SeenAs">The address that it saw; null when it did not answer.</param>
/// <param name="RoundTrip">How long the answer took; null when it did not come.</param>
/// <param name="Error">Why there is no answer, for a person; null when there is one.</param>
public sealed record NatServerReport(string Server, TransportAddress? SeenAs, TimeSpan? RoundTrip, string? Error);
