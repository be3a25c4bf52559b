namespace CS3103P2P.Simulation;

/// <summary>What a host's link to the network does to datagrams. Probabilities are 0 to 1.</summary>
internal sealed record LinkProfile
{
    public TimeSpan Delay { get; init; } = TimeSpan.FromMilliseconds(10);

    public TimeSpan Jitter { get; init; } = TimeSpan.FromMilliseconds(1);

    public double Loss { get; init; }

    public double Duplication { get; init; }

    /// <summary>Share of datagrams in which one bit is flipped.</summary>
    public double BitFlips { get; init; }

    /// <summary>Share of datagrams that are held back so that later ones overtake them.</summary>
    public double Reordering { get; init; }

    public long UpBytesPerSecond { get; init; } = 2_500_000;

    public long DownBytesPerSecond { get; init; } = 12_500_000;

    /// <summary>Bytes that may wait before the link; later ones are dropped.</summary>
    public long QueueBytes { get; init; } = 256 * 1024;

    /// <summary>Largest UDP payload that passes.</summary>
    public int MaxPayloadBytes { get; init; } = 1_472;
}
