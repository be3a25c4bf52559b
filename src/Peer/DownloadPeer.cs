using CS3103P2P.Protocol;

namespace CS3103P2P.Peer;

/// <summary>A peer's part in a download.</summary>
/// <param name="Peer">Who; null for a program without an identity, asked by the plain exchange.</param>
/// <param name="Address">Where it was reached.</param>
/// <param name="Transport">How: <c>tcp</c>, <c>utp</c>, <c>relay</c> or <c>plain</c>; a peer that was reached in several ways stands once for each.</param>
/// <param name="VerifiedBytes">Bytes that it gave and that proved right.</param>
public sealed record DownloadPeer(PeerId? Peer, TransportAddress Address, string Transport, long VerifiedBytes);
