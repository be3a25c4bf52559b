using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>Something that peers may fetch from us. Thread-safe.</summary>
/// <param name="content">Its chunks and hashes.</param>
/// <param name="trackerName">The name by which the tracker knows it.</param>
/// <param name="secret">Its secret; null when anybody may fetch it.</param>
internal sealed class ServedShare(IShareContent content, string trackerName, ShareSecret? secret)
{
    private readonly Lock _gate = new();
    private readonly List<(ServeSide Side, uint Channel)> _readers = [];

    public IShareContent Content { get; } = content;

    public string TrackerName { get; } = trackerName;

    public ShareSecret? Secret { get; } = secret;

    /// <summary>Holds what is sent of it to a rate.</summary>
    public RateLimiter Uploads { get; init; } = RateLimiter.None;

    /// <summary>Tells those who have it open of chunks that can be served now.</summary>
    public void Announce(ReadOnlySpan<ChunkRange> runs)
    {
        (ServeSide Side, uint Channel)[] readers;
        lock (_gate) readers = [.. _readers];
        foreach ((ServeSide side, uint channel) in readers) side.SendHave(channel, runs);
    }

    public void AddReader(ServeSide side, uint channel)
    {
        lock (_gate) _readers.Add((side, channel));
    }

    public void RemoveReader(ServeSide side, uint channel)
    {
        lock (_gate) _readers.Remove((side, channel));
    }
}
