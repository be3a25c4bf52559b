namespace CS3103P2P.Simulation;

/// <summary>What a large swarm cost.</summary>
internal sealed record ScaleResult
{
    public required ScaleSetting Setting { get; init; }

    public required int Finished { get; init; }

    /// <summary>Medians of those who came at the beginning, all at once, and of those who came later.</summary>
    public required double CrowdMedianSeconds { get; init; }

    public required double CrowdBoundSeconds { get; init; }

    public required double MedianSeconds { get; init; }

    public required double BoundSeconds { get; init; }

    public required double TrackerMessagesPerPeerHour { get; init; }

    public required double TrackerRequestsPerSecond { get; init; }

    public required double TrackerRequestPeak { get; init; }

    /// <summary>Tries to connect with somebody who was there.</summary>
    public required int Attempts { get; init; }

    public required double DirectShare { get; init; }

    public required double RelayedShare { get; init; }

    public required double FailedShare { get; init; }

    /// <summary>Tries to connect with somebody who had left.</summary>
    public required int Gone { get; init; }

    public required double RelayedBytes { get; init; }

    /// <summary>Of the relayed bytes, the checks of ways that were not in use.</summary>
    public required double UpkeepBytes { get; init; }

    public required double RelayedShareOfBytes { get; init; }

    public required double RelayPeakBytesPerSecond { get; init; }

    public required int AllocationPeak { get; init; }

    public required double StunRequestsPerSecond { get; init; }

    public required double StunRequestPeak { get; init; }

    public required ScaleMemory Memory { get; init; }

    public required double WallSeconds { get; init; }
}
