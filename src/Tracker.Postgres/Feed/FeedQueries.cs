using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Registry;
using CS3103P2P.Transport;
using Npgsql;

namespace CS3103P2P.Tracker.Postgres.Feed;

/// <summary>Reads the rows of one tracker in one snapshot. Rows that make no sense are left out.</summary>
internal sealed class FeedQueries(NpgsqlConnection connection, NpgsqlTransaction snapshot, Guid tracker, DatabaseClock clock)
{
    private const int RowsAtOnce = 256;
    private const int KeysAtOnce = 1_000;
    private const int TimeoutSeconds = 60;
    private const string EntryColumns = "SELECT peer, name, removed, listed, size_bytes, chunk_size, root, kind, chunks FROM p2p_entries WHERE tracker = $1 AND ";

    /// <summary>The tracker's revision; null when it is gone.</summary>
    public async Task<long?> ReadRevisionAsync(CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = Command("SELECT revision FROM p2p_trackers WHERE tracker = $1", BatchSql.Value(tracker));
        return (long?)await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the peers that changed after a revision, some at a time.</summary>
    public async Task ReadPeersAsync(MonotonicTime now, long after, Action<List<RegistrantRecord>> take, CancellationToken cancellationToken)
    {
        const string Sql =
            """
            SELECT peer, listed, candidates, removed, claimed, CAST(extract(epoch FROM lease_end - now()) AS float8)
            FROM p2p_peers WHERE tracker = $1 AND revision > $2
            """;
        await using NpgsqlCommand command = Command(Sql, BatchSql.Value(tracker), BatchSql.Value(after));
        await ReadAsync(command, reader => ReadPeer(reader, now), take, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the entries that changed after a revision, some at a time.</summary>
    public async Task ReadEntriesAsync(long after, Action<List<EntryRecord>> take, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = Command(EntryColumns + "revision > $2", BatchSql.Value(tracker), BatchSql.Value(after));
        await ReadAsync(command, ReadEntry, take, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads all entries of some peers, some at a time.</summary>
    public async Task ReadEntriesAsync(List<RegistrantKey> owners, Action<List<EntryRecord>> take, CancellationToken cancellationToken)
    {
        foreach (RegistrantKey[] some in owners.Chunk(KeysAtOnce))
        {
            byte[][] keys = [.. some.Select(owner => RecordCodec.Encode(owner))];
            await using NpgsqlCommand command = Command(EntryColumns + "peer = ANY($2)", BatchSql.Value(tracker), BatchSql.Value(keys));
            await ReadAsync(command, ReadEntry, take, cancellationToken).ConfigureAwait(false);
        }
    }

    private NpgsqlCommand Command(string sql, params ReadOnlySpan<NpgsqlParameter> values)
    {
        var command = new NpgsqlCommand(sql, connection, snapshot) { CommandTimeout = TimeoutSeconds };
        foreach (NpgsqlParameter value in values) command.Parameters.Add(value);
        return command;
    }

    private static async Task ReadAsync<T>(NpgsqlCommand command, Func<NpgsqlDataReader, T?> read, Action<List<T>> take, CancellationToken cancellationToken)
        where T : class
    {
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var rows = new List<T>(RowsAtOnce);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (read(reader) is { } row) rows.Add(row);
            if (rows.Count < RowsAtOnce) continue;
            take(rows);
            rows.Clear();
        }

        if (rows.Count > 0) take(rows);
    }

    private RegistrantRecord? ReadPeer(NpgsqlDataReader reader, MonotonicTime now)
    {
        bool isSound = RecordCodec.TryReadKey(reader.GetFieldValue<byte[]>(0), out RegistrantKey key);
        bool removed = reader.GetBoolean(3);
        isSound &= RecordCodec.TryReadAddress(reader.GetFieldValue<byte[]>(1), out TransportAddress listed);
        if (!isSound) return null;
        MonotonicTime claimedAt = clock.FromDatabase(reader.GetInt64(4));
        MonotonicTime leaseEnd = now + TimeSpan.FromSeconds(reader.GetDouble(5));
        return new RegistrantRecord(key, listed, reader.GetFieldValue<byte[]>(2), claimedAt, leaseEnd, removed);
    }

    private static EntryRecord? ReadEntry(NpgsqlDataReader reader)
    {
        if (!RecordCodec.TryReadKey(reader.GetFieldValue<byte[]>(0), out RegistrantKey owner)) return null;
        byte[] root = reader.GetFieldValue<byte[]>(6);
        ContentDescription? content = root.Length != Sha256Digest.SizeInBytes ? null
            : new ContentDescription(reader.GetInt64(4), reader.GetInt32(5), new Sha256Digest(root), reader.GetInt32(7) == (int)ShareKind.Directory ? ShareKind.Directory : ShareKind.File);
        return new EntryRecord(owner, reader.GetFieldValue<byte[]>(1), content, reader.GetBoolean(3), reader.GetFieldValue<byte[]>(8), reader.GetBoolean(2));
    }
}
