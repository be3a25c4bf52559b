using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Registry;
using CS3103P2P.Transport;
using Npgsql;

namespace CS3103P2P.Tracker.Postgres.Feed;

/// <summary>Puts changes into statements that each take many rows, so that a batch is one round trip.</summary>
internal static class BatchSql
{
    private const string BumpRevision = "UPDATE p2p_trackers SET revision = $3, heartbeat = now() WHERE tracker = $1 AND session = $2";

    private const string UpsertPeers =
        """
        INSERT INTO p2p_peers (tracker, peer, revision, removed, listed, candidates, claimed, lease_end)
        SELECT $1, r.peer, $2, r.removed, r.listed, r.candidates, r.claimed, now() + r.left_over * interval '1 second'
        FROM unnest($3, $4, $5, $6, $7, $8) AS r (peer, removed, listed, candidates, claimed, left_over)
        ON CONFLICT (tracker, peer) DO UPDATE SET revision = excluded.revision, removed = excluded.removed, listed = excluded.listed,
            candidates = excluded.candidates, claimed = excluded.claimed, lease_end = excluded.lease_end
        """;

    private const string DeleteEntriesOfPeers = "DELETE FROM p2p_entries WHERE tracker = $1 AND peer = ANY($2)";

    private const string UpsertEntries =
        """
        INSERT INTO p2p_entries (tracker, peer, name, revision, removed, changed, listed, size_bytes, chunk_size, root, kind, chunks)
        SELECT $1, r.peer, r.name, $2, r.removed, now(), r.listed, r.size_bytes, r.chunk_size, r.root, r.kind, r.chunks
        FROM unnest($3, $4, $5, $6, $7, $8, $9, $10, $11) AS r (peer, name, removed, listed, size_bytes, chunk_size, root, kind, chunks)
        ON CONFLICT (tracker, peer, name) DO UPDATE SET revision = excluded.revision, removed = excluded.removed, changed = excluded.changed,
            listed = excluded.listed, size_bytes = excluded.size_bytes, chunk_size = excluded.chunk_size, root = excluded.root,
            kind = excluded.kind, chunks = excluded.chunks
        """;

    /// <summary>The statement with which each batch starts: it fences off older sessions, and holds their order by the lock on the row.</summary>
    public static NpgsqlBatchCommand Bump(Guid tracker, long session, long revision) => Command(BumpRevision, Value(tracker), Value(session), Value(revision));

    /// <summary>The statements that write the changes.</summary>
    /// <param name="changes">What changed.</param>
    /// <param name="tracker">Whose it is.</param>
    /// <param name="revision">The number of the batch.</param>
    /// <param name="now">The registry's time.</param>
    /// <param name="clock">Relates it to the database's.</param>
    public static IEnumerable<NpgsqlBatchCommand> Write(RegistryChanges changes, Guid tracker, long revision, MonotonicTime now, DatabaseClock clock)
    {
        IReadOnlyList<RegistrantRecord> peers = changes.Registrants;
        if (peers.Count > 0)
        {
            byte[][] keys = Column(peers, peer => RecordCodec.Encode(peer.Key));
            yield return Command(
                UpsertPeers,
                Value(tracker),
                Value(revision),
                Value(keys),
                Value(Column(peers, peer => peer.IsRemoved)),
                Value(Column(peers, peer => RecordCodec.Encode(peer.Listed))),
                Value(Column(peers, peer => peer.Candidates)),
                Value(Column(peers, peer => clock.ToDatabase(peer.ClaimedAt))),
                Value(Column(peers, peer => (peer.LeaseEnd - now).TotalSeconds)));
            byte[][] removed = [.. keys.Where((_, i) => peers[i].IsRemoved)];
            if (removed.Length > 0) yield return Command(DeleteEntriesOfPeers, Value(tracker), Value(removed));
        }

        if (changes.Entries.Count > 0) yield return WriteEntries(changes.Entries, tracker, revision);
    }

    /// <summary>A statement with its values in order.</summary>
    public static NpgsqlBatchCommand Command(string sql, params ReadOnlySpan<NpgsqlParameter> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (NpgsqlParameter value in values) command.Parameters.Add(value);
        return command;
    }

    /// <summary>A statement of its own, with its values in order.</summary>
    public static NpgsqlCommand Single(NpgsqlConnection connection, string sql, params ReadOnlySpan<NpgsqlParameter> values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (NpgsqlParameter value in values) command.Parameters.Add(value);
        return command;
    }

    /// <summary>A value for a statement.</summary>
    public static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };

    private static NpgsqlBatchCommand WriteEntries(IReadOnlyList<EntryRecord> entries, Guid tracker, long revision) => Command(
        UpsertEntries,
        Value(tracker),
        Value(revision),
        Value(Column(entries, entry => RecordCodec.Encode(entry.Owner))),
        Value(Column(entries, entry => entry.Name)),
        Value(Column(entries, entry => entry.IsRemoved)),
        Value(Column(entries, entry => entry.IsListed)),
        Value(Column(entries, entry => entry.Content?.SizeBytes ?? -1)),
        Value(Column(entries, entry => entry.Content?.ChunkSize ?? 0)),
        Value(Column(entries, entry => Root(entry.Content))),
        Value(Column(entries, entry => (int)(entry.Content?.Kind ?? ShareKind.File))),
        Value(Column(entries, entry => entry.Chunks)));

    private static byte[] Root(ContentDescription? content)
    {
        if (content is not { } told) return [];
        byte[] root = new byte[Sha256Digest.SizeInBytes];
        told.Root.CopyTo(root);
        return root;
    }

    private static TColumn[] Column<TRow, TColumn>(IReadOnlyList<TRow> rows, Func<TRow, TColumn> value) => [.. rows.Select(value)];
}
