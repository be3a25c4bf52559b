namespace CS3103P2P.Peer.Swarm;

/// <summary>One thing that a <see cref="DownloadMachine"/> wants done.</summary>
/// <param name="Kind">What.</param>
/// <param name="Peer">The peer's number, as given when it was added; 0 for <see cref="SwarmCommandKind.RefreshPeers"/>.</param>
/// <param name="Chunk">The chunk, for requests and cancels of chunks.</param>
/// <param name="Need">Which hashes, for <see cref="SwarmCommandKind.RequestMetadata"/>.</param>
/// <param name="Index">The file (group roots) or the group (hash group), for <see cref="SwarmCommandKind.RequestMetadata"/>.</param>
internal readonly record struct SwarmCommand(
    SwarmCommandKind Kind, int Peer, int Chunk = 0, VerificationNeed Need = VerificationNeed.None, int Index = 0);
