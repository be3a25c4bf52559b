using CS3103P2P.Protocol;

namespace CS3103P2P.Tracker.Registry;

/// <summary>What a content is, as its peers say.</summary>
/// <param name="SizeBytes">Its length.</param>
/// <param name="ChunkSize">Length of a chunk in bytes.</param>
/// <param name="Root">Its root.</param>
/// <param name="Kind">File or directory.</param>
internal readonly record struct ContentDescription(long SizeBytes, int ChunkSize, Sha256Digest Root, ShareKind Kind)
{
    /// <summary>Whether the numbers can be true together.</summary>
    public bool IsValid => Protocol.ChunkSize.IsValid(ChunkSize) && SizeBytes >= 0 && SizeBytes <= (long)ChunkRange.MaxChunks * ChunkSize;

    /// <summary>Number of chunks.</summary>
    public long ChunkCount => (SizeBytes + ChunkSize - 1) / ChunkSize;
}
