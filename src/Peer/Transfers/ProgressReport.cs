using CS3103P2P.Peer.Swarm;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Transfers;

/// <summary>Counts how far a download is, and tells whoever wants to know.</summary>
internal sealed class ProgressReport(IDownloadContent content, IProgress<DownloadProgress>? progress, MonotonicClock clock)
{
    private readonly RateMeter _rate = new(clock.Now);
    private long _counted;
    private long _earlierBytes = -1;
    private long _totalBytes;

    public void Send(DownloadSession session)
    {
        MonotonicTime now = clock.Now;
        long fetched = session.Contributions.TotalBytes;
        _rate.Add(now, fetched - _counted);
        _counted = fetched;
        if (progress is null) return;
        if (_earlierBytes < 0 && content.Layout is { } layout) CountEarlier(layout, fetched);
        long total = _earlierBytes < 0 ? content.Descriptor.SizeBytes : _totalBytes;
        long verified = Math.Min(total, Math.Max(0, _earlierBytes) + fetched);
        double rate = _rate.BytesPerSecond(now);
        TimeSpan? left = verified == total ? TimeSpan.Zero : rate < 1 ? null : TimeSpan.FromSeconds(Math.Min(1e9, (total - verified) / rate));
        progress.Report(new DownloadProgress(
            content.Descriptor.Name, content.VerifiedCount, content.Descriptor.ChunkCount, verified, total, fetched, rate, session.OpenPeers, left)
        {
            LastTransport = session.Contributions.LastTransport,
        });
    }

    private void CountEarlier(ShareLayout layout, long fetched)
    {
        ChunkBitmap verified = content.SnapshotVerified();
        long bytes = 0;
        for (int chunk = verified.NextSet(0); chunk >= 0; chunk = verified.NextSet(chunk + 1)) bytes += layout.Locate(chunk).Length;
        _earlierBytes = Math.Max(0, bytes - fetched);
        for (int file = 0; file < layout.FileCount; file++) _totalBytes += layout.FileLength(file);
    }
}
