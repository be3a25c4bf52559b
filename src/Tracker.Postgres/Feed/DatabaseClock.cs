using CS3103P2P.Tracker.Hosting;
using CS3103P2P.Transport;
using Npgsql;

namespace CS3103P2P.Tracker.Postgres.Feed;

/// <summary>
/// Translates claims between the registry's clock and the database's. The difference is measured once and then stays: so of two claims all trackers find the
/// same one to be the later, however little lies between them. Leases need no such clock; they travel as the time that is left. Thread-safe.
/// </summary>
internal sealed class DatabaseClock(RegistryDoor door)
{
    private readonly Lock _gate = new();
    private long? _offsetMicros;

    /// <summary>Measures the difference, unless that has been done.</summary>
    public async Task MeasureAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_offsetMicros is not null) return;
        }

        await using var command = new NpgsqlCommand("SELECT CAST(extract(epoch FROM now()) * 1000000 AS bigint)", connection);
        MonotonicTime before = door.Now;
        long database = (long)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
        long middle = before.Micros + ((door.Now.Micros - before.Micros) / 2);
        lock (_gate) _offsetMicros ??= database - middle;
    }

    /// <summary>A registry's time as the database's, in microseconds since 1970.</summary>
    public long ToDatabase(MonotonicTime time) => time.Micros + Offset;

    /// <summary>The database's time as the registry's.</summary>
    public MonotonicTime FromDatabase(long micros) => new(micros - Offset);

    private long Offset
    {
        get
        {
            lock (_gate) return _offsetMicros ?? throw new InvalidOperationException("The clock has not been measured.");
        }
    }
}
