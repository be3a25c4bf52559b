using Npgsql;

namespace CS3103P2P.Tracker.Postgres.Connection;

/// <summary>What a <see cref="DatabaseLoop"/> does on its connection.</summary>
internal interface IDatabaseWork
{
    /// <summary>The first on a new connection.</summary>
    Task BeginAsync(NpgsqlConnection connection, CancellationToken cancellationToken);

    /// <summary>One round; they follow each other.</summary>
    Task RunAsync(NpgsqlConnection connection, CancellationToken cancellationToken);

    /// <summary>The connection is lost, or could not be made.</summary>
    void Lost();
}
