namespace CS3103P2P.Tracker.Postgres.Feed;

/// <summary>When a <see cref="Janitor"/> clears away what.</summary>
internal sealed record JanitorTimings
{
    /// <summary>How often it works.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A tracker that has not written for so long is dead.</summary>
    public TimeSpan DeadAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long removals stay in the database for trackers that read them late; one that was away for longer reads everything anew.</summary>
    public TimeSpan KeepRemovals { get; init; } = TimeSpan.FromHours(2);
}
