using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Discovery;

/// <summary>The tracker's relay, and the user that it made there for this peer.</summary>
/// <param name="Relay">The TURN server, by UDP and TCP.</param>
/// <param name="User">The user name.</param>
/// <param name="Password">The password.</param>
/// <param name="ExpiresAt">When the user ends.</param>
internal sealed record RelayGrant(TransportAddress Relay, string User, string Password, MonotonicTime ExpiresAt);
