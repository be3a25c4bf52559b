using CS3103P2P.Tracker.Registry;

namespace CS3103P2P.Tracker.Udp;

/// <summary>How a <see cref="TrackerCore"/> behaves.</summary>
internal sealed record TrackerCoreOptions
{
    /// <summary>Limits of the registry.</summary>
    public RegistryLimits Limits { get; init; } = new();

    /// <summary>Requests that a source may make a second; 0 for no limit. It may save up two seconds' worth.</summary>
    public int RequestsPerSecond { get; init; } = 2_000;

    /// <summary>Bytes of literal lists that a source may be sent a second, since nothing proves that it asked; 0 for no limit.</summary>
    public int LiteralBytesPerSecond { get; init; } = 65_536;

    /// <summary>Largest literal reply in bytes.</summary>
    public int MaxLiteralReplyBytes { get; init; } = 60_000;

    /// <summary>How many sources the rate limits tell apart; a power of two.</summary>
    public int LimitedSources { get; init; } = 65_536;
}
