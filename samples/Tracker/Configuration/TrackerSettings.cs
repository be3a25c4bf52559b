using System.Net;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker;

namespace CS3103P2P.Samples.Tracker;

/// <summary>What the console can be told. docs/operations.md has the reference.</summary>
internal sealed record TrackerSettings
{
    private const int StunPort = 3478;
    private const int HttpPort = 8081;
    private const int Year = 366 * 24 * 3_600;
    private const string Memory = "memory";
    private const string Postgres = "postgres:";
    private static readonly TrackerOptions Defaults = new();

    public required IReadOnlyList<TransportAddress> Listen { get; init; }

    public required IReadOnlyList<TransportAddress> Stun { get; init; }

    public required TransportAddress? Relay { get; init; }

    public required IPAddress? PublicAddress { get; init; }

    public required bool Tcp { get; init; }

    /// <summary>Where the database of a shared registry is; null for a registry in memory. May hold a password.</summary>
    public required string? Database { get; init; }

    public required string? State { get; init; }

    public required TimeSpan StatePeriod { get; init; }

    public required IPEndPoint? Http { get; init; }

    public required Uri? Otlp { get; init; }

    public required LogLevel LogLevel { get; init; }

    public required LogFormat LogFormat { get; init; }

    public required TimeSpan Lease { get; init; }

    public required TimeSpan LiteralLease { get; init; }

    public required int MaxFiles { get; init; }

    public required int MaxEntries { get; init; }

    public required int MaxEntriesPerSource { get; init; }

    public required int MaxRequestsPerSecond { get; init; }

    public required int MaxStunRequestsPerSecond { get; init; }

    /// <summary>Reads all settings.</summary>
    /// <exception cref="SettingsException">Some have values that they cannot have.</exception>
    public static TrackerSettings Read(SettingsReader reader)
    {
        var settings = new TrackerSettings
        {
            Listen = reader.Addresses("listen", TrackerLimits.DefaultTrackerPort),
            Stun = reader.Addresses("stun", StunPort),
            Relay = reader.Addresses("relay", StunPort) is [var relay, ..] ? relay : null,
            PublicAddress = reader.IPv4Address("publicAddress"),
            Tcp = reader.Switch("tcp", Defaults.Tcp),
            Database = ReadRegistry(reader),
            State = reader.Text("state"),
            StatePeriod = reader.Seconds("statePeriod", Defaults.StatePeriod, 1, 3_600),
            Http = reader.HttpAddress("http", HttpPort),
            Otlp = reader.Url("otlp"),
            LogLevel = reader.Choice("log", LogLevel.Information),
            LogFormat = reader.Choice("logFormat", LogFormat.Text),
            Lease = reader.Seconds("limits:lease", Defaults.DefaultLease, 10, 3_600),
            LiteralLease = reader.Seconds("limits:literalLease", Defaults.LiteralLease, 10, 24 * 3_600),
            MaxFiles = reader.Number("limits:files", Defaults.MaxFiles, 1, 10_000_000),
            MaxEntries = reader.Number("limits:entries", Defaults.MaxEntries, 1, 50_000_000),
            MaxEntriesPerSource = reader.Number("limits:entriesPerSource", Defaults.MaxEntriesPerSource, 1, 10_000_000),
            MaxRequestsPerSecond = reader.Number("limits:requestsPerSecond", Defaults.MaxRequestsPerSecond, 0, Year),
            MaxStunRequestsPerSecond = reader.Number("limits:stunRequestsPerSecond", Defaults.MaxStunRequestsPerSecond, 0, Year),
        };
        reader.ThrowIfWrong();
        return settings;
    }

    /// <summary>The same for the library.</summary>
    public TrackerOptions ToOptions(ILoggerFactory loggers)
    {
        var options = new TrackerOptions
        {
            PublicAddress = PublicAddress,
            Relay = Relay,
            Tcp = Tcp,
            StatePath = State,
            StatePeriod = StatePeriod,
            DefaultLease = Lease,
            LiteralLease = LiteralLease,
            MaxFiles = MaxFiles,
            MaxEntries = MaxEntries,
            MaxEntriesPerSource = MaxEntriesPerSource,
            MaxRequestsPerSecond = MaxRequestsPerSecond,
            MaxStunRequestsPerSecond = MaxStunRequestsPerSecond,
            LoggerFactory = loggers,
        };
        foreach (TransportAddress address in Listen) options.Listen.Add(address);
        foreach (TransportAddress address in Stun) options.Stun.Add(address);
        return options;
    }

    /// <summary>The same but for the limits that a running tracker takes over.</summary>
    public TrackerSettings WithLimitsOf(TrackerSettings other) => this with
    {
        Lease = other.Lease,
        MaxFiles = other.MaxFiles,
        MaxEntries = other.MaxEntries,
        MaxEntriesPerSource = other.MaxEntriesPerSource,
        MaxRequestsPerSecond = other.MaxRequestsPerSecond,
    };

    /// <summary>Whether a running tracker could become this by its limits alone.</summary>
    public bool DiffersInLimitsAlone(TrackerSettings other)
    {
        TrackerSettings same = WithLimitsOf(other);
        return same.Listen.SequenceEqual(other.Listen) && same.Stun.SequenceEqual(other.Stun) && same with { Listen = other.Listen, Stun = other.Stun } == other;
    }

    private static string? ReadRegistry(SettingsReader reader)
    {
        string text = reader.Text("registry") ?? Memory;
        if (text == Memory) return null;
        if (text.StartsWith(Postgres, StringComparison.Ordinal)) return text[Postgres.Length..];
        reader.Reject("registry", $"it must be {Memory} or {Postgres}CONNECTION", isSecret: true);
        return null;
    }
}
