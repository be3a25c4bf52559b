using Npgsql;

namespace CS3103P2P.Tracker.Postgres.Connection;

/// <summary>Makes connections from a connection string, and names the database without its password.</summary>
internal static class DatabaseAddress
{
    private const int TimeoutSeconds = 5;

    /// <summary>A source of connections; each is kept long, so there is no pool.</summary>
    /// <exception cref="ArgumentException">The connection string is not valid. The message does not hold it.</exception>
    public static NpgsqlDataSource Open(string connectionString, out string name)
    {
        NpgsqlConnectionStringBuilder parsed = Parse(connectionString);
        name = $"{parsed.Host}:{parsed.Port}/{parsed.Database ?? parsed.Username}";
        parsed.Pooling = false;
        parsed.Timeout = TimeoutSeconds;
        parsed.CommandTimeout = TimeoutSeconds;
        parsed.PersistSecurityInfo = false;
        parsed.IncludeErrorDetail = false;
        parsed.ApplicationName ??= "p2p-tracker";
        var builder = new NpgsqlSlimDataSourceBuilder(parsed.ConnectionString);
        builder.EnableArrays();
        builder.EnableTransportSecurity();
        return builder.Build();
    }

    private static NpgsqlConnectionStringBuilder Parse(string connectionString)
    {
        try
        {
            var parsed = new NpgsqlConnectionStringBuilder(connectionString);
            if (!string.IsNullOrEmpty(parsed.Host)) return parsed;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException or InvalidCastException)
        {
            // What was thrown may quote the string, password and all, so it goes no further.
            throw Malformed();
        }

        throw Malformed();
    }

    private static ArgumentException Malformed() =>
        new("The connection to PostgreSQL is given as KEYWORD=VALUE pairs: Host=db.example;Database=tracker;Username=tracker;Password=...");
}
