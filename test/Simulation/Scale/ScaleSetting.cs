using CS3103P2P.Peer;

namespace CS3103P2P.Simulation;

/// <summary>A large swarm to run.</summary>
internal sealed record ScaleSetting(int Peers)
{
    public int Seed { get; init; } = 1;

    public int Chunks { get; init; } = 1_024;

    public int ChunkBytes { get; init; } = 262_144;

    public TimeSpan Duration { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How often the water is moved.</summary>
    public TimeSpan Step { get; init; } = TimeSpan.FromSeconds(2);

    public TimeSpan MedianSession { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Of those that leave, so many percent say good-bye; the others are cut off.</summary>
    public int PolitePercent { get; init; } = 50;

    /// <summary>Connections of one node: the product's default.</summary>
    public int MaxConnections { get; init; } = new PeerNodeOptions().MaxConnections;

    /// <summary>Allocations that the relay allows.</summary>
    public int RelayAllocations { get; init; } = 60_000;

    /// <summary>The relay's link, in one direction.</summary>
    public double RelayBytesPerSecond { get; init; } = 125_000_000;
}
