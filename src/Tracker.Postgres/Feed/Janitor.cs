using CS3103P2P.Tracker.Hosting;
using Npgsql;

namespace CS3103P2P.Tracker.Postgres.Feed;

/// <summary>
/// Clears away what nobody needs any more: this tracker's old removals and, by the one live tracker whose id is lowest, what dead trackers left when its
/// leases are over.
/// </summary>
internal sealed class Janitor(Guid tracker, RegistryDoor door, JanitorTimings timings)
{
    private const int MaxRowsAtOnce = 5_000;
    private const int MaxRepeats = 20;

    private long _doneAt = door.TimeProvider.GetTimestamp();

    /// <summary>Clears away, when it is time.</summary>
    public async Task RunAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (door.TimeProvider.GetElapsedTime(_doneAt) < timings.Period) return;
        _doneAt = door.TimeProvider.GetTimestamp();
        double kept = timings.KeepRemovals.TotalSeconds;
        await ExecuteAsync(
            connection,
            cancellationToken,
            BatchSql.Command("DELETE FROM p2p_peers WHERE tracker = $1 AND removed AND lease_end < now() - $2 * interval '1 second'", BatchSql.Value(tracker), BatchSql.Value(kept)),
            BatchSql.Command("DELETE FROM p2p_entries WHERE tracker = $1 AND removed AND changed < now() - $2 * interval '1 second'", BatchSql.Value(tracker), BatchSql.Value(kept)))
            .ConfigureAwait(false);
        foreach (Guid dead in await FindDeadAsync(connection, cancellationToken).ConfigureAwait(false))
        {
            await ClearAsync(connection, dead, cancellationToken).ConfigureAwait(false);
        }
    }

    // None when another tracker is to do it: two that delete the same rows would be in each other's way.
    private async Task<List<Guid>> FindDeadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        const string Sql = "SELECT tracker, heartbeat < now() - $1 * interval '1 second' FROM p2p_trackers";
        await using NpgsqlCommand command = BatchSql.Single(connection, Sql, BatchSql.Value(timings.DeadAfter.TotalSeconds));
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var dead = new List<Guid>();
        bool isLowest = true;
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            Guid id = reader.GetGuid(0);
            if (reader.GetBoolean(1)) dead.Add(id);
            else if (id.CompareTo(tracker) < 0) isLowest = false;
        }

        return isLowest ? dead : [];
    }

    private async Task ClearAsync(NpgsqlConnection connection, Guid dead, CancellationToken cancellationToken)
    {
        for (int i = 0; i < MaxRepeats; i++)
        {
            int? cleared = await ClearSomeAsync(connection, dead, cancellationToken).ConfigureAwait(false);
            if (cleared is null) return;
            if (cleared < MaxRowsAtOnce) break;
        }

        await ExecuteAsync(
            connection,
            cancellationToken,
            BatchSql.Command("DELETE FROM p2p_trackers WHERE tracker = $1 AND session = 0 AND NOT EXISTS (SELECT 1 FROM p2p_peers WHERE tracker = $1)", BatchSql.Value(dead)),
            BatchSql.Command("DELETE FROM p2p_entries WHERE tracker = $1 AND NOT EXISTS (SELECT 1 FROM p2p_trackers WHERE tracker = $1)", BatchSql.Value(dead)),
            BatchSql.Command("DELETE FROM p2p_offers WHERE tracker = $1 AND NOT EXISTS (SELECT 1 FROM p2p_trackers WHERE tracker = $1)", BatchSql.Value(dead)))
            .ConfigureAwait(false);
    }

    // The session is void from now on, so that a tracker that was only cut off writes everything anew. Null when it lives after all.
    private async Task<int?> ClearSomeAsync(NpgsqlConnection connection, Guid dead, CancellationToken cancellationToken)
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        const string End = "UPDATE p2p_trackers SET session = 0 WHERE tracker = $1 AND heartbeat < now() - $2 * interval '1 second'";
        await using (NpgsqlCommand command = BatchSql.Single(connection, End, BatchSql.Value(dead), BatchSql.Value(timings.DeadAfter.TotalSeconds)))
        {
            if (await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false) == 0) return null;
        }

        byte[][] peers = await FindEndedAsync(connection, dead, cancellationToken).ConfigureAwait(false);
        if (peers.Length > 0)
        {
            await using var batch = new NpgsqlBatch(connection, transaction);
            batch.BatchCommands.Add(BatchSql.Command("DELETE FROM p2p_peers WHERE tracker = $1 AND peer = ANY($2)", BatchSql.Value(dead), BatchSql.Value(peers)));
            batch.BatchCommands.Add(BatchSql.Command("DELETE FROM p2p_entries WHERE tracker = $1 AND peer = ANY($2)", BatchSql.Value(dead), BatchSql.Value(peers)));
            await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }

        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return peers.Length;
    }

    private static async Task<byte[][]> FindEndedAsync(NpgsqlConnection connection, Guid dead, CancellationToken cancellationToken)
    {
        const string Sql = "SELECT peer FROM p2p_peers WHERE tracker = $1 AND lease_end < now() LIMIT $2";
        await using NpgsqlCommand command = BatchSql.Single(connection, Sql, BatchSql.Value(dead), BatchSql.Value(MaxRowsAtOnce));
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var peers = new List<byte[]>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false)) peers.Add(reader.GetFieldValue<byte[]>(0));
        return [.. peers];
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, CancellationToken cancellationToken, params NpgsqlBatchCommand[] commands)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (NpgsqlBatchCommand command in commands) batch.BatchCommands.Add(command);
        await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
