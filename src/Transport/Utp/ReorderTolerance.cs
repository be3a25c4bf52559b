namespace CS3103P2P.Transport.Utp;

/// <summary>
/// How long a packet that was overtaken may be late before it counts as lost, after RACK (RFC 8985 §6.2): not at all on a path that keeps
/// order, where three later arrivals are proof; a quarter of the least round trip once the path was seen to reorder, and more each time
/// that turned out to be too little.
/// </summary>
internal struct ReorderTolerance
{
    private const int QuartersAtMost = 16;
    private int _quarters;

    /// <summary>Whether the path was seen to reorder.</summary>
    public readonly bool IsNeeded => _quarters > 0;

    /// <summary>A packet arrived after one that was sent later.</summary>
    public void HandleReordering() => _quarters = Math.Max(_quarters, 1);

    /// <summary>A packet that counted as lost for being overtaken arrived after all.</summary>
    public void HandleSpuriousLoss() => _quarters = Math.Min(_quarters + 1, QuartersAtMost);

    /// <summary>Time after sending at which an overtaken packet is lost.</summary>
    public readonly long PatienceMicros(RttEstimator rtt)
    {
        long window = Math.Min(_quarters * rtt.MinMicros / 4, rtt.SmoothedMicros);
        return Math.Max(rtt.SmoothedMicros, rtt.LatestMicros) + window;
    }
}
