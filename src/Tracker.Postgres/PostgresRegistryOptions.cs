namespace CS3103P2P.Tracker.Postgres;

/// <summary>How a <see cref="PostgresRegistry"/> reaches its database and how current it is. Read once.</summary>
public sealed class PostgresRegistryOptions
{
    /// <summary>Where the database is, in Npgsql's form: <c>Host=db;Database=tracker;Username=tracker;Password=...</c>. It is never logged.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>How often the database is asked for news. 50 ms to 5 s; default 250 ms.</summary>
    public TimeSpan PollPeriod { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How often what changed here is written. 20 ms to 5 s; default 100 ms.</summary>
    public TimeSpan WritePeriod { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How much longer than granted a lease runs in the database, so that most renewals need no write. Peers of a tracker that dies stay listed that much
    /// longer. 0 to 1 h; default 1 min.
    /// </summary>
    public TimeSpan LeaseSlack { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long peers of other trackers stay listed while the database cannot be reached. 0 to 1 h; default 30 min.</summary>
    public TimeSpan MaxOutage { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Throws when an option is out of its range.</summary>
    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(ConnectionString);
        Check(PollPeriod, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(5), nameof(PollPeriod));
        Check(WritePeriod, TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(5), nameof(WritePeriod));
        Check(LeaseSlack, TimeSpan.Zero, TimeSpan.FromHours(1), nameof(LeaseSlack));
        Check(MaxOutage, TimeSpan.Zero, TimeSpan.FromHours(1), nameof(MaxOutage));
    }

    private static void Check(TimeSpan value, TimeSpan least, TimeSpan most, string name)
    {
        if (value < least || value > most) throw new ArgumentOutOfRangeException(name, value, $"{name} must be {least} to {most}.");
    }
}
