using CS3103P2P.Tracker.Registry;

namespace CS3103P2P.Tracker.Udp;

/// <summary>How a <see cref="TrackerCore"/> behaves.</summary>
internal sealed record TrackerCoreOptions
{
    /// <summary>Limits of the registry.</summary>
    public RegistryLimits Limits { get; init; } = new();

    /// <summary>Requests that a source may make a second; 0 for no limit. It may save up two seconds' worth.</summary>
    public int RequestsPerSecond { get; init; } = 2_000;

    /// <summary>Bytes that a source may be sent a second in reply to requests without extensions, since nothing proves that it asked; 0 for no limit. It may save up four seconds' worth.</summary>
    public int LiteralBytesPerSecond { get; init; } = 16_384;

    /// <summary>Largest literal reply in bytes.</summary>
    public int MaxLiteralReplyBytes { get; init; } = 60_000;

    /// <summary>How many sources the rate limits tell apart; a power of two.</summary>
    public int LimitedSources { get; init; } = 65_536;
}
