namespace CS3103P2P.Simulation;

/// <summary>What a large swarm cost.</summary>
internal sealed record ScaleResult
{
    public required int Peers { get; init; }

    public required int Finished { get; init; }

    public required double MedianSeconds { get; init; }

    public required double BoundSeconds { get; init; }

    public required double TrackerMessagesPerPeerHour { get; init; }

    public required double TrackerRequestsPerSecond { get; init; }

    public required double DirectShare { get; init; }

    public required double RelayedShare { get; init; }

    public required long BytesPerPeer { get; init; }

    public required double WallSeconds { get; init; }
}
