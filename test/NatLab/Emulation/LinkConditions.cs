namespace CS3103P2P.NatLab;

/// <summary>What a home's link does to packets, the same in both directions. Packets are never reordered.</summary>
public sealed record LinkConditions
{
    /// <summary>One-way delay.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Added to the delay: uniform between zero and this.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>Share of packets lost, 0 to 1.</summary>
    public double Loss { get; init; }

    /// <summary>Bits per second, Ethernet frames counted; 0 for no limit.</summary>
    public long RateBitsPerSecond { get; init; }

    /// <summary>How much a rate-limited link buffers; packets beyond it are lost.</summary>
    public TimeSpan Queue { get; init; } = TimeSpan.FromMilliseconds(100);
}
