using Npgsql;

namespace CS3103P2P.Tracker.Postgres.Schema;

/// <summary>
/// Brings the schema up to date. Trackers that start together need no lock (advisory locks are not to be had everywhere): the statements can be repeated,
/// and where two of them meet one fails, and finds the work done when its connection is tried again.
/// </summary>
internal static class Migrator
{
    private const string UndefinedTable = "42P01";

    /// <summary>Makes what is missing; when nothing is, it only reads.</summary>
    public static async Task MigrateAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        int version = await ReadVersionAsync(connection, cancellationToken).ConfigureAwait(false);
        if (version >= Migrations.Versions.Count) return;
        await ExecuteAsync(connection, Migrations.VersionTable, cancellationToken).ConfigureAwait(false);
        for (int next = version + 1; next <= Migrations.Versions.Count; next++)
        {
            foreach (string statement in Migrations.Versions[next - 1]) await ExecuteAsync(connection, statement, cancellationToken).ConfigureAwait(false);
            string made = $"INSERT INTO p2p_schema (version, made) VALUES ({next}, now()) ON CONFLICT (version) DO NOTHING";
            await ExecuteAsync(connection, made, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<int> ReadVersionAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = new NpgsqlCommand("SELECT CAST(coalesce(max(version), 0) AS int) FROM p2p_schema", connection);
            return (int)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
        }
        catch (PostgresException e) when (e.SqlState == UndefinedTable)
        {
            return 0;
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string statement, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
