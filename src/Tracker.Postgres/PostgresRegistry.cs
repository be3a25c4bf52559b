using CS3103P2P.Tracker.Hosting;
using CS3103P2P.Tracker.Postgres.Connection;
using CS3103P2P.Tracker.Postgres.Feed;
using CS3103P2P.Tracker.Registry;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CS3103P2P.Tracker.Postgres;

/// <summary>
/// Shares a tracker's registry with other trackers through PostgreSQL, or an engine that speaks its protocol. The tracker answers from memory; what changes
/// is written in batches and read by the others within a second. Without the database it goes on from memory, and catches up later. Thread-safe.
/// <code>
/// var options = new TrackerOptions { Replication = new PostgresRegistry(new PostgresRegistryOptions { ConnectionString = "Host=db;..." }) };
/// await using var tracker = await TrackerServer.StartAsync(options);
/// </code>
/// </summary>
public sealed class PostgresRegistry : TrackerReplication
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(3);

    private readonly PostgresRegistryOptions _options;
    private readonly Guid _tracker = Guid.NewGuid();
    private readonly NpgsqlDataSource _source;
    private readonly string _database;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _abort = new();
    private RegistryReader? _reader;
    private LinkState? _reading;
    private LinkState? _writing;
    private Task _loops = Task.CompletedTask;
    private int _started;
    private int _disposed;

    /// <summary>Makes a registry for one tracker; it connects when the tracker starts.</summary>
    /// <param name="options">How to reach the database.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or the connection string is not valid.</exception>
    public PostgresRegistry(PostgresRegistryOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _source = DatabaseAddress.Open(options.ConnectionString, out _database);
    }

    /// <inheritdoc/>
    public override TrackerHealth Health
    {
        get
        {
            if (_reading is not { } reading || _writing is not { } writing) return new TrackerHealth(false, "not started");
            bool isReady = reading.IsUp && writing.IsUp;
            return new TrackerHealth(isReady, $"registry in {_database}, {_reader!.OtherTrackers} other trackers: {reading}; {writing}");
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await _stop.CancelAsync().ConfigureAwait(false);
        _abort.CancelAfter(StopPatience);
        try
        {
            await _loops.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The last round took too long; leases end by themselves.
        }

        await _source.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
        _abort.Dispose();
    }

    /// <summary>When what is cleared away; tests are less patient.</summary>
    internal JanitorTimings Janitor { get; init; } = new();

    /// <summary>How many changes are noted at most before everything is written anew.</summary>
    internal int MaxChanges { get; init; } = RegistryChangeLog.DefaultMaxKeys;

    /// <summary>What writes; null before the start.</summary>
    internal RegistryWriter? Writer { get; private set; }

    /// <inheritdoc/>
    internal override async Task StartAsync(RegistryDoor door, ILogger logger, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _started, 1) != 0) throw new InvalidOperationException("A registry serves one tracker, once.");
        door.Enter((registry, _) => registry.Changes = new RegistryChangeLog(_options.LeaseSlack, MaxChanges));
        var clock = new DatabaseClock(door);
        _reader = new RegistryReader(_tracker, door, clock, _options.MaxOutage, Janitor.KeepRemovals);
        Writer = new RegistryWriter(_tracker, door, clock, new Janitor(_tracker, door, Janitor));
        _reading = new LinkState("reading", door.TimeProvider);
        _writing = new LinkState("writing", door.TimeProvider);
        var read = new DatabaseLoop(_source, _reader, _options.PollPeriod, _reading, door.TimeProvider, logger);
        var write = new DatabaseLoop(_source, Writer, _options.WritePeriod, _writing, door.TimeProvider, logger);
        _loops = Task.WhenAll(
            Task.Run(() => read.RunAsync(_stop.Token, _abort.Token), CancellationToken.None),
            Task.Run(() => write.RunAsync(_stop.Token, _abort.Token), CancellationToken.None));
        try
        {
            await Task.WhenAll(read.Connected, write.Connected).WaitAsync(StartPatience, door.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            logger.LogWarning("The registry in {Database} could not be read yet; starting without.", _database);
        }
    }
}
