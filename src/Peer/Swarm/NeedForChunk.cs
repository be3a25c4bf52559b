namespace CS3103P2P.Peer.Swarm;

/// <summary>Tells which hashes are missing before a chunk can be verified; see <see cref="IDownloadContent.NeedFor"/>.</summary>
internal delegate VerificationNeed NeedForChunk(int chunk, out int index);
