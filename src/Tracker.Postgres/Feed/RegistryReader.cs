using CS3103P2P.Tracker.Hosting;
using CS3103P2P.Tracker.Postgres.Connection;
using CS3103P2P.Tracker.Postgres.Schema;
using CS3103P2P.Tracker.Registry;
using CS3103P2P.Transport;
using Npgsql;

namespace CS3103P2P.Tracker.Postgres.Feed;

/// <summary>
/// Reads what other trackers wrote: asks for their revisions, and for what is newer than was seen of those that went on. A tracker's peers and entries are
/// read in one snapshot, so that no entry comes without its peer.
/// </summary>
internal sealed class RegistryReader(Guid tracker, RegistryDoor door, DatabaseClock clock, TimeSpan maxOutage, TimeSpan keepRemovals) : IDatabaseWork
{
    // After an outage other trackers get so long to write which leases were renewed meanwhile.
    private static readonly TimeSpan RecoveryTime = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RestOfForgetting = TimeSpan.FromMilliseconds(1);   // about as long as a slice takes

    private readonly Dictionary<Guid, Seen> _seen = [];
    private MonotonicTime _readAt;
    private bool _isLost;
    private volatile int _trackers;

    /// <summary>How many other trackers there are.</summary>
    public int OtherTrackers => _trackers;

    /// <inheritdoc/>
    public async Task BeginAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await Migrator.MigrateAsync(connection, cancellationToken).ConfigureAwait(false);
        await clock.MeasureAsync(connection, cancellationToken).ConfigureAwait(false);
        if (door.Now - _readAt > keepRemovals) await ForgetAllAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task RunAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        MonotonicTime startedAt = door.Now;
        List<(Guid Id, long Revision)> others = await ReadTrackersAsync(connection, cancellationToken).ConfigureAwait(false);
        foreach (Guid gone in _seen.Keys.Where(id => !others.Exists(other => other.Id == id)).ToArray()) _seen.Remove(gone);
        foreach ((Guid id, long revision) in others)
        {
            if (!_seen.TryGetValue(id, out Seen? seen)) _seen.Add(id, seen = new Seen(new RegistryOrigin(id)));
            if (revision < seen.Revision) seen.Revision = 0;   // the database lost what was committed; the tracker will write it again
            if (revision != seen.Revision) await CatchUpAsync(connection, seen, cancellationToken).ConfigureAwait(false);
        }

        _trackers = others.Count;
        _readAt = startedAt;
        if (_isLost) door.Enter((registry, now) => registry.RemotesHeldUntil = now + RecoveryTime);
        _isLost = false;
    }

    /// <inheritdoc/>
    public void Lost()
    {
        if (_isLost) return;
        _isLost = true;
        door.Enter((registry, now) => registry.RemotesHeldUntil = now + maxOutage);
    }

    private async Task<List<(Guid Id, long Revision)>> ReadTrackersAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(BatchSql.Command("SELECT tracker, revision FROM p2p_trackers WHERE tracker <> $1", BatchSql.Value(tracker)));
        batch.BatchCommands.Add(BatchSql.Command("DELETE FROM p2p_offers WHERE tracker = $1 RETURNING peer, message", BatchSql.Value(tracker)));
        await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var others = new List<(Guid, long)>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false)) others.Add((reader.GetGuid(0), reader.GetInt64(1)));
        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!RecordCodec.TryReadKey(reader.GetFieldValue<byte[]>(0), out RegistrantKey target)) continue;
            door.Deliver(new RemoteOffer(tracker, target, reader.GetFieldValue<byte[]>(1)));
        }

        return others;
    }

    private async Task CatchUpAsync(NpgsqlConnection connection, Seen seen, CancellationToken cancellationToken)
    {
        MonotonicTime now = door.Now;
        await using NpgsqlTransaction snapshot =
            await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken).ConfigureAwait(false);
        var feed = new FeedQueries(connection, snapshot, seen.Origin.Id, clock);
        long? revision = await feed.ReadRevisionAsync(cancellationToken).ConfigureAwait(false);
        if (revision is null) return;
        var added = new List<RegistrantKey>();
        await feed.ReadPeersAsync(
            now,
            seen.Revision,
            rows => door.Enter((registry, time) => added.AddRange(rows.Where(row => registry.ApplyRemote(time, seen.Origin, row)).Select(row => row.Key))),
            cancellationToken).ConfigureAwait(false);
        Action<List<EntryRecord>> apply = rows => door.Enter((registry, _) => rows.ForEach(row => registry.ApplyRemote(seen.Origin, row)));
        await feed.ReadEntriesAsync(seen.Revision, apply, cancellationToken).ConfigureAwait(false);

        // A peer that came back, or came over from another tracker, may have entries older than what was asked for.
        if (seen.Revision > 0) await feed.ReadEntriesAsync(added, apply, cancellationToken).ConfigureAwait(false);
        await snapshot.CommitAsync(cancellationToken).ConfigureAwait(false);
        seen.Revision = revision.Value;
    }

    // Requests are answered between the slices. When it is broken off, it begins anew with the next connection.
    private async Task ForgetAllAsync(CancellationToken cancellationToken)
    {
        int cursor = _seen.Count == 0 ? 0 : door.Enter((registry, _) => registry.ExportStart);
        while (cursor > 0)
        {
            cursor = door.Enter((registry, _) => registry.RemoveRemotes(_seen.Keys, cursor));
            await Task.Delay(RestOfForgetting, door.TimeProvider, cancellationToken).ConfigureAwait(false);
        }

        _seen.Clear();
    }

    private sealed class Seen(RegistryOrigin origin)
    {
        public RegistryOrigin Origin { get; } = origin;

        public long Revision { get; set; }
    }
}
