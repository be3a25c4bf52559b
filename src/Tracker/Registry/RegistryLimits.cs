namespace CS3103P2P.Tracker.Registry;

/// <summary>How much a registry holds, and for how long. Whoever reaches a limit is refused; nobody else's entries make room.</summary>
internal sealed record RegistryLimits
{
    /// <summary>Most files.</summary>
    public int MaxFiles { get; init; } = 1_000_000;

    /// <summary>Most entries, an entry being one peer's chunks of one file.</summary>
    public int MaxEntries { get; init; } = 4_000_000;

    /// <summary>Most entries of sources that proved nothing: forged ones must not crowd out the others.</summary>
    public int MaxUnprovenEntries { get; init; } = 500_000;

    /// <summary>Most entries of one IPv4 address or IPv6 /64.</summary>
    public int MaxEntriesPerSource { get; init; } = 20_000;

    /// <summary>Most registrants (programs) of one IPv4 address or IPv6 /64.</summary>
    public int MaxRegistrantsPerSource { get; init; } = 4_096;

    /// <summary>Most runs of chunks in one entry.</summary>
    public int MaxRunsPerEntry { get; init; } = 4_096;

    /// <summary>Most runs of chunks in all entries of one source; a run takes eight bytes.</summary>
    public int MaxRunsPerSource { get; init; } = 1_000_000;

    /// <summary>Most runs of chunks in all entries together.</summary>
    public int MaxRuns { get; init; } = 50_000_000;

    /// <summary>Most different contents under one name.</summary>
    public int MaxContentsPerName { get; init; } = 16;

    /// <summary>Most registrants under one peer id.</summary>
    public int MaxRegistrantsPerPeerId { get; init; } = 4;

    /// <summary>The lease of a peer that asks for none.</summary>
    public TimeSpan DefaultLease { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>The shortest lease granted.</summary>
    public TimeSpan MinLease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest lease granted.</summary>
    public TimeSpan MaxLease { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The lease of a program that knows no leases.</summary>
    public TimeSpan LiteralLease { get; init; } = TimeSpan.FromHours(1);
}
