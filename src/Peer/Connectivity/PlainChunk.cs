namespace CS3103P2P.Peer.Connectivity;

/// <summary>A chunk that came by the plain exchange.</summary>
/// <param name="Data">Its bytes.</param>
/// <param name="IsLast">Whether it is the file's last.</param>
internal sealed record PlainChunk(byte[] Data, bool IsLast);
