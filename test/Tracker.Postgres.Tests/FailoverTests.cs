using System.Diagnostics;
using System.Globalization;
using System.Net;
using CS3103P2P.Peer;

namespace CS3103P2P.Tracker.Postgres.Tests;

/// <summary>Two trackers on one database; a peer's client turns from the one that dies to the other.</summary>
[TestClass]
public sealed class FailoverTests
{
    private const int FileBytes = 300_000;

    public required TestContext TestContext { get; init; }

    [TestMethod]
    public async Task DownloadAsync_FirstTrackerOfTwoDies_TheOtherKnowsTheShareAlready()
    {
        if (PostgresCluster.Missing is { } missing) Assert.Inconclusive(missing);
        string folder = Directory.CreateTempSubdirectory("p2p-failover-").FullName;
        try
        {
            await using PostgresCluster cluster = await PostgresCluster.StartAsync();
            string database = await cluster.CreateDatabaseAsync();
            TestTracker first = await TestTracker.StartAsync(database);
            await using TestTracker second = await TestTracker.StartAsync(database);
            string file = Path.Combine(folder, "movie.bin");
            byte[] content = new byte[FileBytes];
            new Random(1).NextBytes(content);
            await File.WriteAllBytesAsync(file, content, TestContext.CancellationToken);
            await using PeerNode sharer = await StartPeerAsync(first, second);
            await using Share share = await sharer.ShareAsync(file, cancellationToken: TestContext.CancellationToken);
            await second.AwaitAsync("REQUEST 7 movie.bin", "RESPONSE movie.bin", TimeSpan.FromSeconds(10));
            await using PeerNode getter = await StartPeerAsync(first, second);
            Assert.HasCount(1, await getter.ListAsync(TestContext.CancellationToken));

            await first.DisposeAsync();
            long started = Stopwatch.GetTimestamp();
            string copy = Path.Combine(folder, "copy.bin");
            await getter.DownloadAsync("movie.bin", new DownloadOptions { OutputPath = copy }, cancellationToken: TestContext.CancellationToken);
            TimeSpan took = Stopwatch.GetElapsedTime(started);

            CollectionAssert.AreEqual(content, await File.ReadAllBytesAsync(copy, TestContext.CancellationToken));
            TestContext.WriteLine(string.Create(CultureInfo.InvariantCulture, $"downloaded by way of the other tracker in {took.TotalSeconds:F1} s"));
            Assert.IsLessThan(15, took.TotalSeconds);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Task<PeerNode> StartPeerAsync(params TestTracker[] trackers)
    {
        var options = new PeerNodeOptions { Port = 0, ListenAddress = IPAddress.Loopback, Lan = false, PortMapping = false };
        options.StunServers.Clear();
        foreach (TestTracker tracker in trackers) options.Trackers.Add(tracker.Address.ToString());
        return PeerNode.StartAsync(options);
    }
}
