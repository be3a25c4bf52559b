using System.Collections.Concurrent;
using System.Globalization;

namespace CS3103P2P.Tracker.Postgres.Tests;

/// <summary>The database is killed and started again while two trackers work.</summary>
[TestClass]
public sealed class OutageTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public required TestContext TestContext { get; init; }

    [TestMethod]
    public async Task Database_KilledAndRestartedUnderLoad_LosesNoEntryWhoseLeaseRuns()
    {
        if (PostgresCluster.Missing is { } missing) Assert.Inconclusive(missing);
        await using PostgresCluster cluster = await PostgresCluster.StartAsync();
        string database = await cluster.CreateDatabaseAsync();
        await using TestTracker a = await TestTracker.StartAsync(database);
        await using TestTracker b = await TestTracker.StartAsync(database);
        var registered = new ConcurrentDictionary<string, bool>();
        using var stop = new CancellationTokenSource();
        Task[] load = [RegisterAsync(a, "10.1", registered, stop.Token), RegisterAsync(b, "10.2", registered, stop.Token)];

        for (int kill = 0; kill < 2; kill++)
        {
            await AwaitAsync(() => registered.Count >= 300 + (kill * 600), "the load to go on");
            await cluster.KillServerAsync();
            await Task.WhenAll(a.AwaitHealthAsync(false, Patience), b.AwaitHealthAsync(false, Patience));
            int before = registered.Count;
            await AwaitAsync(() => registered.Count >= before + 100, "registrations without a database");
            string alone = registered.Keys.First(name => name.StartsWith("10.1", StringComparison.Ordinal));
            StringAssert.Contains(await a.AskAsync($"REQUEST 1 f{alone}"), alone);
            await cluster.StartServerAsync();
            await Task.WhenAll(a.AwaitHealthAsync(true, Patience), b.AwaitHealthAsync(true, Patience));
        }

        await stop.CancelAsync();
        await Task.WhenAll(load);
        long start = TimeProvider.System.GetTimestamp();
        foreach (string name in registered.Keys)
        {
            await a.AwaitAsync($"REQUEST 1 f{name}", $"RESPONSE f{name} 1 {name} 6881|", Patience);
            await b.AwaitAsync($"REQUEST 1 f{name}", $"RESPONSE f{name} 1 {name} 6881|", Patience);
        }

        double seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        TestContext.WriteLine($"{registered.Count} entries at both trackers {seconds.ToString("0.0", CultureInfo.InvariantCulture)} s after the load; two kills.");
    }

    [TestMethod]
    public async Task Outage_LongerThanALease_KeepsOtherTrackersPeersThatWereRenewed()
    {
        if (PostgresCluster.Missing is { } missing) Assert.Inconclusive(missing);
        await using PostgresCluster cluster = await PostgresCluster.StartAsync();
        string database = await cluster.CreateDatabaseAsync();
        await using TestTracker a = await TestTracker.StartAsync(database, options => options.LeaseSlack = TimeSpan.Zero);
        await using TestTracker b = await TestTracker.StartAsync(database, options => options.LeaseSlack = TimeSpan.Zero);
        using var renewed = new TestPeer();
        using var silent = new TestPeer();
        await renewed.SendAsPeerAsync(a.Address, $"REQUEST 4 renewed 1 127.0.0.1 {renewed.Port} lease=2");
        await silent.SendAsPeerAsync(a.Address, $"REQUEST 4 silent 1 127.0.0.1 {silent.Port} lease=2");
        await b.AwaitAsync("REQUEST 6", "RESPONSE renewed, silent", Patience);
        await cluster.KillServerAsync();
        await b.AwaitHealthAsync(false, Patience);

        // The lease, what B allows for late news, and some more.
        long start = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        while (TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(9))
        {
            await timer.WaitForNextTickAsync(TestContext.CancellationToken);
            StringAssert.Contains(await renewed.SendAsPeerAsync(a.Address, "REFRESH lease=30"), "files=1");
            Assert.AreEqual("RESPONSE renewed", await b.AskAsync("REQUEST 7 renewed"));
        }

        Assert.AreEqual("RESPONSE Not Found", await a.AskAsync("REQUEST 7 silent"));
        await cluster.StartServerAsync();
        await Task.WhenAll(a.AwaitHealthAsync(true, Patience), b.AwaitHealthAsync(true, Patience));
        await b.AwaitAsync("REQUEST 7 silent", "RESPONSE Not Found", Patience);
        Assert.AreEqual("RESPONSE renewed", await b.AskAsync("REQUEST 7 renewed"));
    }

    [TestMethod]
    public async Task Start_WithoutDatabase_ServesFromMemoryAndSaysSo()
    {
        var log = new TestLog();
        await using TestTracker alone = await TestTracker.StartAsync("Host=/nonexistent;Database=d;Username=u;Password=hush-hush", loggers: log);
        Assert.AreEqual("RESPONSE OK", await alone.AskAsync("REQUEST 4 f 1 10.0.0.1"));
        Assert.AreEqual("RESPONSE f 1 10.0.0.1 6881|", await alone.AskAsync("REQUEST 1 f"));
        Assert.IsFalse(alone.Server.Health.IsReady);
        StringAssert.Contains(alone.Server.Health.Description, "not writing");
        StringAssert.Contains(log.ToString(), "/nonexistent");
        Assert.DoesNotContain("hush", log.ToString() + alone.Server.Health.Description);
    }

    private static async Task RegisterAsync(TestTracker tracker, string prefix, ConcurrentDictionary<string, bool> registered, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(4));
        for (int i = 0; i < 3_000 && !stop.IsCancellationRequested; i++)
        {
            string name = $"{prefix}.{i / 250}.{(i % 250) + 1}";
            if (await tracker.AskAsync($"REQUEST 4 f{name} 1 {name}") == "RESPONSE OK") registered[name] = true;
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private static async Task AwaitAsync(Func<bool> condition, string what)
    {
        long start = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!condition())
        {
            Assert.IsLessThan(Patience, TimeProvider.System.GetElapsedTime(start), $"Waited for {what}.");
            await timer.WaitForNextTickAsync();
        }
    }
}
