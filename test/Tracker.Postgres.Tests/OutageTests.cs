using System.Collections.Concurrent;
using System.Globalization;

namespace CS3103P2P.Tracker.Postgres.Tests;

/// <summary>The database is killed and started again while two trackers work.</summary>
[TestClass]
public sealed class OutageTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan MaxVisible = TimeSpan.FromSeconds(3);

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

        for (int kill = 1; kill <= 2; kill++)
        {
            await AwaitAsync(() => registered.Count >= (kill * 600) - 300, "the load to go on");
            await SayVisibleAsync($"before kill {kill}", a, b);
            long killed = TimeProvider.System.GetTimestamp();
            await cluster.KillServerAsync();
            await Task.WhenAll(a.AwaitHealthAsync(false, Patience), b.AwaitHealthAsync(false, Patience));
            Say($"kill {kill}: both not ready after {Seconds(killed)} s: {a.Server.Health.Description}");
            int before = registered.Count;
            await AwaitAsync(() => registered.Count >= before + 100, "registrations without a database");
            string alone = registered.Keys.First(name => name.StartsWith("10.1", StringComparison.Ordinal));
            StringAssert.Contains(await a.AskAsync($"REQUEST 1 f{alone}"), alone);
            Say($"kill {kill}: {registered.Count - before} registrations confirmed while the database was gone");
            long restarted = TimeProvider.System.GetTimestamp();
            await cluster.StartServerAsync();
            await Task.WhenAll(a.AwaitHealthAsync(true, Patience), b.AwaitHealthAsync(true, Patience));
            Say($"kill {kill}: both ready {Seconds(restarted)} s after the restart: {a.Server.Health.Description}");
        }

        await stop.CancelAsync();
        await Task.WhenAll(load);
        long ended = TimeProvider.System.GetTimestamp();
        string[] lost = await FindLostAsync(registered.Keys, a, b);
        Say($"{registered.Count} entries registered, {lost.Length} lost, the others at both trackers {Seconds(ended)} s after the load");
        await SayVisibleAsync("at the end", a, b);
        Assert.IsEmpty(lost, string.Join(' ', lost));
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

    // Entries that are not at both trackers although there was time.
    private static async Task<string[]> FindLostAsync(ICollection<string> registered, TestTracker a, TestTracker b)
    {
        long start = TimeProvider.System.GetTimestamp();
        string[] missing = [.. registered];
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            var still = new List<string>();
            foreach (string name in missing)
            {
                string expected = $"RESPONSE f{name} 1 {name} 6881|";
                if (await a.AskAsync($"REQUEST 1 f{name}") != expected || await b.AskAsync($"REQUEST 1 f{name}") != expected) still.Add(name);
            }

            missing = [.. still];
            if (missing.Length == 0 || TimeProvider.System.GetElapsedTime(start) > Patience) return missing;
            await timer.WaitForNextTickAsync();
        }
    }

    // An upload at one tracker is to be seen at the other within a second; a machine with other work gets some more.
    private async Task SayVisibleAsync(string when, TestTracker a, TestTracker b)
    {
        string name = $"probe-{when.Replace(' ', '-')}";
        Assert.AreEqual("RESPONSE OK", await a.AskAsync($"REQUEST 4 {name} 1 10.9.9.9"));
        TimeSpan taken = await b.AwaitAsync($"REQUEST 7 {name}", $"RESPONSE {name}", MaxVisible);
        Say($"{when}: an upload at A is seen at B after {taken.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture)} s");
    }

    private static string Seconds(long since) => TimeProvider.System.GetElapsedTime(since).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);

    private void Say(string line) => TestContext.WriteLine(line);

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
