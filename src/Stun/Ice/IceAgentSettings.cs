namespace CS3103P2P.Stun.Ice;

/// <summary>How an <see cref="IceAgent"/> works. The times have named ranges; the defaults suit the Internet.</summary>
public sealed record IceAgentSettings
{
    /// <summary>This side's role, until a conflict is resolved.</summary>
    public required IceRole Role { get; init; }

    /// <summary>64 random bits that resolve a role conflict (RFC 8445 §7.3.1.1).</summary>
    public required ulong TieBreaker { get; init; }

    /// <summary>This side's credentials, from a secure generator.</summary>
    public required IceCredentials Credentials { get; init; }

    /// <summary>The time between the first checks of two pairs (Ta, RFC 8445 §14.2). Default 50 ms, range 5 ms to 1 s.</summary>
    public TimeSpan Pacing { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long to wait for the peer's offer. Default 10 s, range 1 s to 1 minute.</summary>
    public TimeSpan OfferTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long checks may go on without any success. Default 20 s, range 1 s to 2 minutes.</summary>
    public TimeSpan CheckTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The time between the checks that keep the path in use alive and show that it is. Default 1 s, range 200 ms to 15 s.</summary>
    public TimeSpan ConsentInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>After how long a silence another path is tried. Default 2.2 s, range 500 ms to 30 s.</summary>
    public TimeSpan DoubtAfter { get; init; } = TimeSpan.FromMilliseconds(2200);

    /// <summary>After how long a silence nothing is sent to the peer any more (RFC 7675 §5.1). Default 30 s, range 1 s to 30 s.</summary>
    public TimeSpan ConsentTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Shared by the agents of one transport: many that guess at a time would fill the uplink, and lose the ways that work.</summary>
    internal IceBirthdayPace BirthdayPace { get; init; } = new();

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Credentials);
        if (!Enum.IsDefined(Role)) throw new ArgumentOutOfRangeException(nameof(Role));
        Check(Pacing, 5, 1000, nameof(Pacing));
        Check(OfferTimeout, 1000, 60_000, nameof(OfferTimeout));
        Check(CheckTimeout, 1000, 120_000, nameof(CheckTimeout));
        Check(ConsentInterval, 200, 15_000, nameof(ConsentInterval));
        Check(DoubtAfter, 500, 30_000, nameof(DoubtAfter));
        Check(ConsentTimeout, 1000, 30_000, nameof(ConsentTimeout));
    }

    private static void Check(TimeSpan value, int minMillis, int maxMillis, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.FromMilliseconds(minMillis), name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, TimeSpan.FromMilliseconds(maxMillis), name);
    }
}
