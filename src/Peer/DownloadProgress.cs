namespace CS3103P2P.Peer;

/// <summary>How far a download is.</summary>
/// <param name="Name">The share's name.</param>
/// <param name="VerifiedChunks">Chunks verified and on disk, those of earlier runs included.</param>
/// <param name="TotalChunks">Chunks in all.</param>
/// <param name="VerifiedBytes">Bytes verified and on disk, those of earlier runs included.</param>
/// <param name="TotalBytes">Bytes in all.</param>
/// <param name="FetchedBytes">Bytes verified in this run.</param>
/// <param name="BytesPerSecond">The present rate.</param>
/// <param name="ConnectedPeers">Peers that serve it at the moment.</param>
/// <param name="TimeLeft">How long the rest takes at the present rate; null while that is not known.</param>
public sealed record DownloadProgress(
    string Name,
    int VerifiedChunks,
    int TotalChunks,
    long VerifiedBytes,
    long TotalBytes,
    long FetchedBytes,
    double BytesPerSecond,
    int ConnectedPeers,
    TimeSpan? TimeLeft)
{
    /// <summary>How the last bytes came: <c>tcp</c>, <c>utp</c>, <c>relay</c> or <c>plain</c>; null before the first.</summary>
    public string? LastTransport { get; init; }
}
