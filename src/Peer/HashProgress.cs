namespace CS3103P2P.Peer;

/// <summary>How far the hashing of files has come.</summary>
/// <param name="BytesDone">Bytes hashed so far.</param>
/// <param name="BytesTotal">Bytes to hash in all.</param>
public readonly record struct HashProgress(long BytesDone, long BytesTotal);
