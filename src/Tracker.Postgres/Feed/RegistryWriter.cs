using System.Security.Cryptography;
using CS3103P2P.Tracker.Hosting;
using CS3103P2P.Tracker.Postgres.Connection;
using CS3103P2P.Tracker.Postgres.Schema;
using CS3103P2P.Tracker.Registry;
using Npgsql;
using Polly;
using Polly.Retry;

namespace CS3103P2P.Tracker.Postgres.Feed;

/// <summary>
/// Writes what changed here. Batches follow each other, each in a transaction that also raises the tracker's revision; so a reader that has seen a
/// revision has seen all that was committed before it, without any order between trackers.
/// </summary>
internal sealed class RegistryWriter(Guid tracker, RegistryDoor door, DatabaseClock clock, Janitor janitor) : IDatabaseWork
{
    private const int MaxBatchesPerRound = 64;
    private const int MaxConflictRetries = 5;
    private const string SerializationFailure = "40001";
    private const string DeadlockDetected = "40P01";
    private static readonly TimeSpan HeartbeatPeriod = TimeSpan.FromSeconds(5);

    private static readonly ResiliencePipeline ConflictRetries = new ResiliencePipelineBuilder().AddRetry(new RetryStrategyOptions
    {
        ShouldHandle = new PredicateBuilder().Handle<PostgresException>(e => e.SqlState is SerializationFailure or DeadlockDetected),
        MaxRetryAttempts = MaxConflictRetries,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        Delay = TimeSpan.FromMilliseconds(10),
    }).Build();

    private readonly List<RemoteOffer> _offers = [];
    private long _session;
    private long _revision;
    private long _writtenAt;
    private bool _mustWriteAll;

    /// <summary>How often everything was written anew.</summary>
    public int FullWrites { get; private set; }

    /// <inheritdoc/>
    public async Task BeginAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await Migrator.MigrateAsync(connection, cancellationToken).ConfigureAwait(false);
        await clock.MeasureAsync(connection, cancellationToken).ConfigureAwait(false);
        bool goesOn = await ClaimAsync(connection, cancellationToken).ConfigureAwait(false);
        if (!goesOn) _mustWriteAll = true;
    }

    /// <inheritdoc/>
    public async Task RunAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (door.Enter((registry, _) => registry.Changes!.TakeOverflow())) _mustWriteAll = true;
        if (_mustWriteAll) await WriteAllAsync(connection, cancellationToken).ConfigureAwait(false);
        for (int batch = 0; batch < MaxBatchesPerRound; batch++)
        {
            var changes = new RegistryChanges();
            door.Enter((registry, now) => registry.TakeChanges(now, changes));
            if (changes.IsEmpty) break;
            await TellAsync(connection, changes, cancellationToken).ConfigureAwait(false);
        }

        await ForwardOffersAsync(connection, cancellationToken).ConfigureAwait(false);
        bool isHeartbeatDue = door.TimeProvider.GetElapsedTime(_writtenAt) >= HeartbeatPeriod;
        if (isHeartbeatDue) await CommitAsync(connection, _revision, _ => [], cancellationToken).ConfigureAwait(false);
        await janitor.RunAsync(connection, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Lost()
    {
    }

    // Goes on where the last connection stopped when nothing happened to the tracker's rows since; otherwise everything is to be written anew.
    private async Task<bool> ClaimAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        long session = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));
        const string GoOn = "UPDATE p2p_trackers SET session = $2, heartbeat = now() WHERE tracker = $1 AND session = $3 AND revision = $4";
        await using (NpgsqlCommand command = BatchSql.Single(
            connection, GoOn, BatchSql.Value(tracker), BatchSql.Value(session), BatchSql.Value(_session), BatchSql.Value(_revision)))
        {
            if (await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false) == 1)
            {
                _session = session;
                return true;
            }
        }

        // The number of a batch whose fate is unknown is not used again.
        const string StartOver =
            """
            INSERT INTO p2p_trackers (tracker, session, revision, heartbeat) VALUES ($1, $2, $3, now())
            ON CONFLICT (tracker) DO UPDATE SET session = excluded.session, heartbeat = excluded.heartbeat,
                revision = CASE WHEN p2p_trackers.revision > excluded.revision THEN p2p_trackers.revision ELSE excluded.revision END
            RETURNING revision
            """;
        await using NpgsqlCommand insert = BatchSql.Single(
            connection, StartOver, BatchSql.Value(tracker), BatchSql.Value(session), BatchSql.Value(_revision + 1));
        _revision = (long)(await insert.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
        _session = session;
        return false;
    }

    private async Task WriteAllAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        long first = _revision + 1;
        RegistrantKey[] keys = door.Enter((registry, _) => registry.OwnKeys());
        for (int at = 0; at < keys.Length;)
        {
            var changes = new RegistryChanges();
            door.Enter((registry, _) =>
            {
                while (at < keys.Length && !changes.IsFull) registry.Export(keys[at++], changes);
            });
            if (!changes.IsEmpty) await TellAsync(connection, changes, cancellationToken).ConfigureAwait(false);
        }

        // What is older than this round is no longer true.
        const string SweepPeers = "UPDATE p2p_peers SET removed = true, revision = $3, lease_end = now() WHERE tracker = $1 AND revision < $2 AND NOT removed";
        const string SweepEntries = "UPDATE p2p_entries SET removed = true, revision = $3, changed = now() WHERE tracker = $1 AND revision < $2 AND NOT removed";
        await CommitAsync(
            connection,
            _revision + 1,
            revision => new[] { SweepPeers, SweepEntries }.Select(sql => BatchSql.Command(sql, BatchSql.Value(tracker), BatchSql.Value(first), BatchSql.Value(revision))),
            cancellationToken).ConfigureAwait(false);
        _mustWriteAll = false;
        FullWrites++;
    }

    private async Task TellAsync(NpgsqlConnection connection, RegistryChanges changes, CancellationToken cancellationToken)
    {
        bool told = false;
        try
        {
            await CommitAsync(connection, _revision + 1, revision => BatchSql.Write(changes, tracker, revision, door.Now, clock), cancellationToken).ConfigureAwait(false);
            told = true;
        }
        finally
        {
            if (!told) door.Enter((registry, _) => registry.Changes!.Return(changes));
        }
    }

    private async Task ForwardOffersAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        _offers.Clear();
        door.Enter((registry, _) => registry.Changes!.TakeOffers(_offers));
        if (_offers.Count == 0) return;
        const string Insert = "INSERT INTO p2p_offers (tracker, id, peer, message) SELECT r.tracker, r.id, r.peer, r.message FROM unnest($1, $2, $3, $4) AS r (tracker, id, peer, message)";
        await using NpgsqlCommand command = BatchSql.Single(
            connection,
            Insert,
            BatchSql.Value(_offers.Select(offer => offer.Tracker).ToArray()),
            BatchSql.Value(_offers.Select(_ => Guid.NewGuid()).ToArray()),
            BatchSql.Value(_offers.Select(offer => RecordCodec.Encode(offer.Target)).ToArray()),
            BatchSql.Value(_offers.Select(offer => offer.Message).ToArray()));
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task CommitAsync(
        NpgsqlConnection connection, long revision, Func<long, IEnumerable<NpgsqlBatchCommand>> commands, CancellationToken cancellationToken)
    {
        await ConflictRetries.ExecuteAsync(
            async token =>
            {
                await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(token).ConfigureAwait(false);
                await using var batch = new NpgsqlBatch(connection, transaction);
                NpgsqlBatchCommand bump = BatchSql.Bump(tracker, _session, revision);
                batch.BatchCommands.Add(bump);
                foreach (NpgsqlBatchCommand command in commands(revision)) batch.BatchCommands.Add(command);
                await batch.ExecuteNonQueryAsync(token).ConfigureAwait(false);
                if (bump.RecordsAffected != 1) throw new StaleSessionException();
                await transaction.CommitAsync(token).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
        _revision = revision;
        _writtenAt = door.TimeProvider.GetTimestamp();
    }
}
