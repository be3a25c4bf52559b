namespace CS3103P2P.Tracker.Postgres.Tests;

/// <summary>The cluster in which every test has a database of its own.</summary>
[TestClass]
public static class SharedCluster
{
    private static PostgresCluster? s_cluster;

    [AssemblyInitialize]
    public static async Task StartAsync(TestContext context)
    {
        if (PostgresCluster.Missing is null) s_cluster = await PostgresCluster.StartAsync();
    }

    [AssemblyCleanup]
    public static async Task StopAsync()
    {
        if (s_cluster is not null) await s_cluster.DisposeAsync();
    }

    /// <summary>An empty database.</summary>
    public static Task<string> CreateDatabaseAsync()
    {
        if (s_cluster is null) Assert.Inconclusive(PostgresCluster.Missing ?? "The cluster did not start.");
        return s_cluster.CreateDatabaseAsync();
    }
}
