namespace CS3103P2P.Peer;

/// <summary>How far the hashing of something to be shared is.</summary>
/// <param name="HashedBytes">Bytes hashed.</param>
/// <param name="TotalBytes">Bytes in all.</param>
public sealed record HashProgress(long HashedBytes, long TotalBytes);
