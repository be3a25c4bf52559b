using CS3103P2P.Tracker.Postgres.Schema;
using Npgsql;

namespace CS3103P2P.Tracker.Postgres.Tests.Schema;

[TestClass]
public sealed class MigratorTests
{
    [TestMethod]
    public async Task MigrateAsync_FromEmptyAndAgain_MakesTheSchemaOnce()
    {
        string database = await SharedCluster.CreateDatabaseAsync();
        for (int i = 0; i < 2; i++)
        {
            await MigrateAsync(database);
            Assert.AreEqual(Migrations.Versions.Count, await PostgresCluster.CountAsync(database, "SELECT count(*) FROM p2p_schema"));
        }

        Assert.AreEqual(5, await PostgresCluster.CountAsync(database, "SELECT count(*) FROM information_schema.tables WHERE table_name LIKE 'p2p\\_%'"));
    }

    [TestMethod]
    public async Task MigrateAsync_InterruptedBefore_GoesOn()
    {
        string database = await SharedCluster.CreateDatabaseAsync();
        await PostgresCluster.ExecuteAsync(database, Migrations.VersionTable);
        await PostgresCluster.ExecuteAsync(database, Migrations.Versions[0][0]);
        await MigrateAsync(database);
        Assert.AreEqual(0, await PostgresCluster.CountAsync(database, "SELECT count(*) FROM p2p_entries"));
    }

    [TestMethod]
    public async Task Trackers_StartedTogetherOnAnEmptyDatabase_AllGetReady()
    {
        string database = await SharedCluster.CreateDatabaseAsync();
        TestTracker[] trackers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => TestTracker.StartAsync(database)));
        foreach (TestTracker tracker in trackers) await tracker.AwaitHealthAsync(true, TimeSpan.FromSeconds(10));
        Assert.AreEqual(Migrations.Versions.Count, await PostgresCluster.CountAsync(database, "SELECT count(*) FROM p2p_schema"));
        foreach (TestTracker tracker in trackers) await tracker.DisposeAsync();
    }

    [TestMethod]
    public async Task MigrateAsync_ByAUserWhoMayNotDefine_WorksWhenNothingIsMissing()
    {
        string database = await SharedCluster.CreateDatabaseAsync();
        await MigrateAsync(database);
        string user = $"reader_{Guid.NewGuid():N}";
        await PostgresCluster.ExecuteAsync(
            database, $"CREATE USER {user}; REVOKE CREATE ON SCHEMA public FROM public; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {user}");
        var limited = new NpgsqlConnectionStringBuilder(database) { Username = user };
        await using TestTracker tracker = await TestTracker.StartAsync(limited.ConnectionString);
        await tracker.AwaitHealthAsync(true, TimeSpan.FromSeconds(10));
    }

    private static async Task MigrateAsync(string database)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await Migrator.MigrateAsync(connection, CancellationToken.None);
    }
}
