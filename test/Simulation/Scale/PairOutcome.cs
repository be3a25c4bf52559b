namespace CS3103P2P.Simulation;

/// <summary>What came of one try of two whole nodes to connect. Times are seconds from the downloader's start.</summary>
internal sealed record PairOutcome
{
    /// <summary>When the first way worked; null for never.</summary>
    public required double? ConnectedAfter { get; init; }

    /// <summary>When the first direct way worked; null for never.</summary>
    public required double? DirectAfter { get; init; }

    /// <summary>Allocations that the relay then held for the two.</summary>
    public required int Allocations { get; init; }

    /// <summary>Offers that the two sent each other by the tracker.</summary>
    public required int Offers { get; init; }

    /// <summary>Bytes that the relay passed on in the first while, checks and data until a direct way was found.</summary>
    public required long FirstRelayedBytes { get; init; }

    /// <summary>Bytes that it passed on in a second of the time after it: all data when there is no direct way, the checks of the spare ways when there is one.</summary>
    public required double RelayedBytesPerSecond { get; init; }

    /// <summary>Questions to STUN servers in a node's first while, and in a second of the time after it; the mean of both nodes.</summary>
    public required double FirstQuestions { get; init; }

    public required double QuestionsPerSecond { get; init; }
}
