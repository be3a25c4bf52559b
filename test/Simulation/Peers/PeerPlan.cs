namespace CS3103P2P.Simulation;

/// <summary>A peer of a scenario.</summary>
internal sealed record PeerPlan
{
    public required string Name { get; init; }

    public required PeerKind Kind { get; init; }

    public required LinkProfile Link { get; init; }

    /// <summary>The NAT before it; null for none.</summary>
    public required NatProfile? Nat { get; init; }

    /// <summary>The number of the home in which it is; peers of one home share its NAT.</summary>
    public required int Home { get; init; }

    /// <summary>Whether it is told of a tracker, or knows the one of a ticket alone.</summary>
    public bool HasTracker { get; init; } = true;

    /// <summary>Bits a second that it may send to peers; null for no limit.</summary>
    public long? UploadLimit { get; init; }

    public required ushort Port { get; init; }

    /// <summary>What it has from the start.</summary>
    public required IReadOnlyList<SharedFact> Shares { get; init; }

    /// <summary>What it downloads.</summary>
    public required IReadOnlyList<SharedFact> Wants { get; init; }

    /// <summary>When its program starts.</summary>
    public required TimeSpan StartsAt { get; init; }

    /// <summary>When it goes and does not come back; null for never.</summary>
    public TimeSpan? LeavesAt { get; init; }

    /// <summary>Whether it then says good-bye.</summary>
    public bool LeavesPolitely { get; init; }
}
