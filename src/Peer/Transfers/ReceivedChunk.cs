namespace CS3103P2P.Peer.Transfers;

/// <summary>A whole chunk that came and is to be verified.</summary>
/// <param name="Peer">Who gave it.</param>
/// <param name="Chunk">Which it is.</param>
/// <param name="Buffer">From the download's pool; given back once it is verified.</param>
/// <param name="Length">Its length in bytes.</param>
internal readonly record struct ReceivedChunk(SessionPeer Peer, int Chunk, Memory<byte> Buffer, int Length);
