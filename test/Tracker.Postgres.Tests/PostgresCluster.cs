using System.Diagnostics;
using Npgsql;

namespace CS3103P2P.Tracker.Postgres.Tests;

/// <summary>A PostgreSQL of its own in a temporary folder, reached by a Unix socket there, so that no port is taken. The server never runs as root.</summary>
internal sealed class PostgresCluster : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _programs;
    private readonly string _folder;
    private int _databases;

    private PostgresCluster(string programs, string folder) => (_programs, _folder) = (programs, folder);

    /// <summary>Why no cluster can be made here; null when one can.</summary>
    public static string? Missing =>
        FindPrograms() is null ? "PostgreSQL is not installed (Debian: postgresql)."
        : Environment.IsPrivilegedProcess && !File.Exists("/usr/sbin/runuser") ? "runuser is missing, and PostgreSQL does not run as root."
        : null;

    /// <summary>Makes a cluster and starts it.</summary>
    public static async Task<PostgresCluster> StartAsync()
    {
        string folder = Directory.CreateTempSubdirectory("p2p-pg-").FullName;
        if (Environment.IsPrivilegedProcess) await RunAsync("chown", "postgres", folder);
        var cluster = new PostgresCluster(FindPrograms()!, folder);
        await cluster.RunAsUserAsync("initdb", "-D", cluster.Data, "-U", "tracker", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C");
        await cluster.StartServerAsync();
        return cluster;
    }

    private string Data => Path.Combine(_folder, "data");

    /// <summary>Starts the server, which has been stopped.</summary>
    public Task StartServerAsync() => RunAsUserAsync(
        "pg_ctl", "-D", Data, "-l", Path.Combine(_folder, "log"), "-s", "-w", "-t", "50", "start",
        "-o", $"-k {_folder} -c listen_addresses='' -c fsync=off -c max_connections=60 -c shared_buffers=16MB");

    /// <summary>Stops the server as if it crashed: connections are cut, and it recovers from its log when it starts again.</summary>
    public Task KillServerAsync() => RunAsUserAsync("pg_ctl", "-D", Data, "-s", "-m", "immediate", "stop");

    /// <summary>Makes an empty database.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        string name = $"tracker{Interlocked.Increment(ref _databases)}";
        await ExecuteAsync(ConnectionString("postgres"), $"CREATE DATABASE {name}");
        return ConnectionString(name);
    }

    /// <summary>Runs a statement.</summary>
    public static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using NpgsqlConnection connection = await OpenAsync(connectionString);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Asks for one number.</summary>
    public static async Task<long> CountAsync(string connectionString, string sql)
    {
        await using NpgsqlConnection connection = await OpenAsync(connectionString);
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), null);
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsUserAsync("pg_ctl", "-D", Data, "-s", "-m", "immediate", "stop");
        Directory.Delete(_folder, recursive: true);
    }

    private string ConnectionString(string database) => $"Host={_folder};Database={database};Username=tracker;Password=hush-hush;Pooling=false";

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString)
    {
        var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        return connection;
    }

    private static string? FindPrograms() =>
        !Directory.Exists("/usr/lib/postgresql") ? null
        : Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).Where(bin => File.Exists(Path.Combine(bin, "initdb"))).Max();

    private Task RunAsUserAsync(string program, params string[] arguments)
    {
        string path = Path.Combine(_programs, program);
        return Environment.IsPrivilegedProcess ? RunAsync("/usr/sbin/runuser", ["-u", "postgres", "--", path, .. arguments]) : RunAsync(path, arguments);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        // Output goes to files of the program's own: a pipe would be inherited by the server, and never end.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$0\" \"$@\" >/dev/null 2>&1", program, .. arguments]) { WorkingDirectory = "/" };
        using Process process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(patience.Token);
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: exit code {process.ExitCode}");
    }
}
