using System.Globalization;
using CS3103P2P.Tracker.Postgres.Feed;

namespace CS3103P2P.Tracker.Postgres.Tests;

/// <summary>Two trackers on a real PostgreSQL, both at work.</summary>
[TestClass]
public sealed class PostgresRegistryTests
{
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public required TestContext TestContext { get; init; }

    [TestMethod]
    public async Task Upload_AtOneTracker_IsVisibleAtTheOtherWithinASecond()
    {
        string database = await SharedCluster.CreateDatabaseAsync();
        await using TestTracker a = await TestTracker.StartAsync(database);
        await using TestTracker b = await TestTracker.StartAsync(database);
        var slowest = TimeSpan.Zero;
        for (int i = 0; i < 5; i++)
        {
            (TestTracker from, TestTracker to) = i % 2 == 0 ? (a, b) : (b, a);
            Assert.AreEqual("RESPONSE OK", await from.AskAsync($"REQUEST 4 f{i} 1 10.0.0.{i + 1}"));
            TimeSpan taken = await to.AwaitAsync($"REQUEST 1 f{i}", $"RESPONSE f{i} 1 10.0.0.{i + 1} 6881|", OneSecond);
            if (taken > slowest) slowest = taken;
        }

        TestContext.WriteLine($"slowest of 5: {slowest.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture)} ms");
    }

    [TestMethod]
    public async Task Registration_WithEverything_ArrivesWhole()
    {
        string database = await SharedCluster.CreateDatabaseAsync();
        await using TestTracker a = await TestTracker.StartAsync(database);
        await using TestTracker b = await TestTracker.StartAsync(database);
        using var peer = new TestPeer();
        string root = new('7', 64);
        string request = $"REQUEST 4 big%20file 1 127.0.0.1 {peer.Port} chunks=5-9,20 size=1000000 chunk=16384 root={root} kind=file cand=192.168.1.7:6881 lease=60";
        StringAssert.StartsWith(await peer.SendAsPeerAsync(a.Address, request), "RESPONSE OK");
        using var asking = new TestPeer();
        string expected = await asking.SendAsync(a.Address, "REQUEST 1 big%20file id=padpadpadpadpad1 x=" + new string('x', 400));
        StringAssert.Contains(expected, "1,5-9,20");
        StringAssert.Contains(expected, root);
        await b.AwaitAsync("REQUEST 1 big%20file id=padpadpadpadpad1 x=" + new string('x', 400), expected, Patience);
        StringAssert.StartsWith(await peer.SendAsPeerAsync(a.Address, "REQUEST 3 big%20file 15"), "RESPONSE OK");
        await b.AwaitAsync("REQUEST 1 big%20file id=padpadpadpadpad1 x=" + new string('x', 400), got => got.Contains("1,5-9,15,20", StringComparison.Ordinal), OneSecond);
    }

    [TestMethod]
    public async Task Removal_AtOneTracker_IsSeenAtTheOther()
    {
        string database = await SharedCluster.CreateDatabaseAsync();
        await using TestTracker a = await TestTracker.StartAsync(database);
        await using TestTracker b = await TestTracker.StartAsync(database);
        using var peer = new TestPeer();
        foreach (string name in (string[])["one", "two"])
        {
            StringAssert.StartsWith(await peer.SendAsPeerAsync(a.Address, $"REQUEST 4 {name} 1 127.0.0.1 {peer.Port} lease=60"), "RESPONSE OK");
            await b.AwaitAsync($"REQUEST 7 {name}", $"RESPONSE {name}", Patience);
        }

        StringAssert.StartsWith(await peer.SendAsPeerAsync(a.Address, "REQUEST 5 127.0.0.1 name=one"), "RESPONSE OK");
        await b.AwaitAsync("REQUEST 7 one", "RESPONSE Not Found", OneSecond);
        Assert.AreEqual("RESPONSE two", await b.AskAsync("REQUEST 7 two"));
        StringAssert.StartsWith(await peer.SendAsPeerAsync(a.Address, "REQUEST 5 127.0.0.1"), "RESPONSE OK");
        await b.AwaitAsync("REQUEST 7 two", "RESPONSE Not Found", OneSecond);
    }

    [TestMethod]
    public async Task Lease_ThatEnds_EndsEverywhere()
    {
        string database = await SharedCluster.CreateDatabaseAsync();
        await using TestTracker a = await TestTracker.StartAsync(database);
        await using TestTracker b = await TestTracker.StartAsync(database);
        using var peer = new TestPeer();
        using var lasting = new TestPeer();
        StringAssert.StartsWith(await peer.SendAsPeerAsync(a.Address, $"REQUEST 4 short 1 127.0.0.1 {peer.Port} lease=3"), "RESPONSE OK");
        StringAssert.StartsWith(await lasting.SendAsPeerAsync(a.Address, $"REQUEST 4 long 1 127.0.0.1 {lasting.Port} lease=60"), "RESPONSE OK");
        await b.AwaitAsync("REQUEST 7 short", "RESPONSE short", OneSecond);
        TimeSpan taken = await b.AwaitAsync("REQUEST 7 short", "RESPONSE Not Found", TimeSpan.FromSeconds(5));
        Assert.IsGreaterThan(TimeSpan.FromSeconds(1.5), taken, "The lease ran three seconds.");
        Assert.AreEqual("RESPONSE long", await b.AskAsync("REQUEST 7 long"));
    }

    [TestMethod]
    public async Task Peer_ThatMovesToAnotherTracker_TakesItsEntriesAlong()
    {
        string database = await SharedCluster.CreateDatabaseAsync();
        await using TestTracker a = await TestTracker.StartAsync(database);
        await using TestTracker b = await TestTracker.StartAsync(database);
        using var peer = new TestPeer();
        await peer.SendAsPeerAsync(a.Address, $"REQUEST 4 moved 1 127.0.0.1 {peer.Port} lease=60");
        await b.AwaitAsync("REQUEST 7 moved", "RESPONSE moved", Patience);
        StringAssert.Contains(await peer.SendAsPeerAsync(b.Address, "REFRESH lease=60"), "files=1");
        await AwaitRowsAsync(database, "SELECT count(DISTINCT tracker) FROM p2p_peers WHERE NOT removed", 1);
        StringAssert.StartsWith(await peer.SendAsPeerAsync(b.Address, "REQUEST 5 127.0.0.1"), "RESPONSE OK");
        await a.AwaitAsync("REQUEST 7 moved", "RESPONSE Not Found", OneSecond);
        Assert.AreEqual("RESPONSE Not Found", await b.AskAsync("REQUEST 7 moved"));
    }

    [TestMethod]
    public async Task OldProgram_WhoseRequestsASpreaderScatters_HasItsChunksTogether()
    {
        string database = await SharedCluster.CreateDatabaseAsync();
        await using TestTracker a = await TestTracker.StartAsync(database);
        await using TestTracker b = await TestTracker.StartAsync(database);
        await a.AskAsync("REQUEST 4 f 1 10.0.0.1");
        await b.AskAsync("REQUEST 3 f 2 10.0.0.1");
        await a.AskAsync("REQUEST 3 f 3 10.0.0.1");
        const string Whole = "RESPONSE f 1 10.0.0.1 6881|f 2 10.0.0.1 6881|f 3 10.0.0.1 6881|";
        await a.AwaitAsync("REQUEST 1 f", Whole, Patience);
        await b.AwaitAsync("REQUEST 1 f", Whole, Patience);
    }

    [TestMethod]
    public async Task ForeignRequests_AtTheOtherTracker_ChangeNothing()
    {
        string database = await SharedCluster.CreateDatabaseAsync();
        await using TestTracker a = await TestTracker.StartAsync(database);
        await using TestTracker b = await TestTracker.StartAsync(database);
        using var owner = new TestPeer();
        await owner.SendAsPeerAsync(a.Address, $"REQUEST 4 mine 1 127.0.0.1 {owner.Port} lease=60");
        string expected = $"RESPONSE mine 1 127.0.0.1 {owner.Port}|";
        await b.AwaitAsync("REQUEST 1 mine", expected, Patience);

        // Under the owner's id from another port, under the owner's address without a cookie, and by the owner's file.
        using var thief = new TestPeer { Id = owner.Id };
        await thief.SendAsPeerAsync(b.Address, $"REQUEST 5 127.0.0.1 {owner.Port}");
        await thief.SendAsPeerAsync(b.Address, "REQUEST 5 127.0.0.1 name=mine");
        await thief.SendAsync(b.Address, $"REQUEST 5 127.0.0.1 {owner.Port}");
        await b.AskAsync("REQUEST 4 after 1 10.9.9.9");
        await a.AwaitAsync("REQUEST 7 after", "RESPONSE after", Patience);
        Assert.AreEqual(expected, await b.AskAsync("REQUEST 1 mine"));
        Assert.AreEqual(expected, await a.AskAsync("REQUEST 1 mine"));
        StringAssert.Contains(await owner.SendAsPeerAsync(a.Address, "REFRESH lease=60"), "files=1");
    }

    [TestMethod]
    public async Task Offer_ToAPeerOfAnotherTracker_ReachesItFromThere()
    {
        string database = await SharedCluster.CreateDatabaseAsync();
        await using TestTracker a = await TestTracker.StartAsync(database);
        await using TestTracker b = await TestTracker.StartAsync(database);
        using var here = new TestPeer();
        using var there = new TestPeer();
        await there.SendAsPeerAsync(a.Address, $"REQUEST 4 f 1 127.0.0.1 {there.Port} lease=60");
        await b.AwaitAsync("REQUEST 7 f", "RESPONSE f", Patience);
        await here.SendAsPeerAsync(b.Address, "REFRESH lease=60");
        StringAssert.StartsWith(await here.SendAsPeerAsync(b.Address, $"RENDEZVOUS to={there.Id} offer=aGVsbG8"), "RESPONSE OK");
        string? offer = await there.ReceiveAsync() ?? await there.ReceiveAsync();
        Assert.IsNotNull(offer);
        StringAssert.StartsWith(offer, $"RENDEZVOUS peer={here.Id} address=127.0.0.1:{here.Port} offer=aGVsbG8");
    }

    [TestMethod]
    public async Task Restart_OfOneTracker_ShowsWhatThereWasFromItsFirstReply()
    {
        string database = await SharedCluster.CreateDatabaseAsync();
        using var peer = new TestPeer();
        await using (TestTracker first = await TestTracker.StartAsync(database))
        {
            await peer.SendAsPeerAsync(first.Address, $"REQUEST 4 kept 1 127.0.0.1 {peer.Port} lease=60");
        }

        await using TestTracker second = await TestTracker.StartAsync(database);
        Assert.AreEqual($"RESPONSE kept 1 127.0.0.1 {peer.Port}|", await second.AskAsync("REQUEST 1 kept"));
        StringAssert.Contains(await peer.SendAsPeerAsync(second.Address, "REFRESH lease=60"), "files=1");
    }

    [TestMethod]
    public async Task DeadTracker_WhenItsLeasesEnd_LeavesNothingBehind()
    {
        string database = await SharedCluster.CreateDatabaseAsync();
        var impatient = new JanitorTimings { Period = TimeSpan.FromMilliseconds(200), DeadAfter = TimeSpan.FromSeconds(1), KeepRemovals = TimeSpan.Zero };
        using var peer = new TestPeer();
        await using (TestTracker dead = await TestTracker.StartAsync(database, options => options.LeaseSlack = TimeSpan.Zero))
        {
            await peer.SendAsPeerAsync(dead.Address, $"REQUEST 4 f 1 127.0.0.1 {peer.Port} lease=3");
        }

        await using TestTracker alive = await TestTracker.StartAsync(database, create: options => new PostgresRegistry(options) { Janitor = impatient });
        Assert.AreEqual("RESPONSE f", await alive.AskAsync("REQUEST 7 f"));
        await AwaitRowsAsync(database, "SELECT (SELECT count(*) FROM p2p_trackers) + 10 * (SELECT count(*) FROM p2p_peers) + 10 * (SELECT count(*) FROM p2p_entries)", 1);
        await alive.AwaitAsync("REQUEST 7 f", "RESPONSE Not Found", Patience);
    }

    [TestMethod]
    public async Task TooManyChanges_ForTheLog_AreWrittenAllAnew()
    {
        string database = await SharedCluster.CreateDatabaseAsync();
        await using TestTracker a = await TestTracker.StartAsync(
            database, options => options.WritePeriod = TimeSpan.FromSeconds(1), options => new PostgresRegistry(options) { MaxChanges = 20 });
        await using TestTracker b = await TestTracker.StartAsync(database);
        for (int i = 1; i <= 100; i++) await a.AskAsync($"REQUEST 4 f 1 10.0.1.{i}");
        await b.AwaitAsync("REQUEST 1 f", reply => reply.Count(c => c == '|') == 100, Patience);
        Assert.IsGreaterThan(1, a.Registry.Writer!.FullWrites);
    }

    private static async Task AwaitRowsAsync(string database, string sql, long expected)
    {
        long start = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await PostgresCluster.CountAsync(database, sql) is var count && count != expected)
        {
            Assert.IsLessThan(TimeSpan.FromSeconds(25), TimeProvider.System.GetElapsedTime(start), $"{sql}: still {count}");
            await timer.WaitForNextTickAsync();
        }
    }
}
