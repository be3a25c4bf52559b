using CS3103P2P.Protocol;

namespace CS3103P2P.Peer;

/// <summary>A finished download: every byte is verified and on disk.</summary>
/// <param name="Path">Full path of the file or directory.</param>
/// <param name="Descriptor">What it is.</param>
/// <param name="FetchedBytes">Bytes fetched and verified in this run; the rest was there from an earlier one.</param>
/// <param name="Elapsed">How long it took.</param>
/// <param name="TrustedTracker">Whether the root was taken from the tracker, as for a download by name, and not from a ticket.</param>
/// <param name="Peers">Who gave how much.</param>
/// <param name="Share">The share that goes on, when asked for; otherwise null.</param>
public sealed record DownloadResult(
    string Path,
    ShareDescriptor Descriptor,
    long FetchedBytes,
    TimeSpan Elapsed,
    bool TrustedTracker,
    IReadOnlyList<DownloadPeer> Peers,
    Share? Share)
{
    /// <summary>How long it took to the first verified chunk; null when none had to be fetched.</summary>
    public TimeSpan? FirstVerifiedAfter { get; init; }
}
