namespace CS3103P2P.Tracker.Hosting;

/// <summary>What the sockets of a tracker, and what stands beside it, have done.</summary>
internal readonly record struct TrackerTraffic(
    long DatagramsReceived,
    long ReceiveBatches,
    long SendsDropped,
    long StunRequests,
    long StunLimited,
    long RelayedBytes,
    int RelayAllocations,
    bool IsReady,
    double SnapshotAgeSeconds);
