namespace CS3103P2P.Protocol;

/// <summary>A piece of a chunk that is wanted, or wanted no longer.</summary>
/// <param name="Chunk">The chunk, from 0.</param>
/// <param name="Offset">Where the piece begins in the chunk, in bytes.</param>
/// <param name="Length">Its length, 1 to <see cref="PeerFrameHeader.MaxBlockBytes"/> bytes.</param>
public readonly record struct BlockRequest(int Chunk, int Offset, int Length);
