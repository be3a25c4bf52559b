using System.Diagnostics;
using System.Net;
using CS3103P2P.Peer.Discovery;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace CS3103P2P.Peer.Tests.Discovery;

/// <summary>Several trackers, of which some do not answer.</summary>
[TestClass]
public sealed class TrackerFailoverTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TransportAddress AnyPort = new(IPAddress.Loopback, 0);
    private static readonly ShareDescriptor Share = new("f.bin", ShareKind.File, 10 * 2_048, 2_048, Sha256Digest.Of("f"u8));

    public required TestContext TestContext { get; init; }

    [TestMethod]
    public async Task LookupAsync_FirstTrackerIsDead_TheSecondAnswersWithinSeconds()
    {
        await using TrackerServer second = await StartAsync(AnyPort);
        await using Node alice = Node.Start(second.ListenAddresses[0]);
        await using Node bob = Node.Start(await DeadAsync(), second.ListenAddresses[0]);
        alice.Client.Announce(new Registration(Share, new ChunkSet(new ChunkRange(0, 10))));
        Assert.IsTrue(await alice.Client.WaitUntilRegisteredAsync(Share.Name, TestContext.CancellationToken));

        long started = Stopwatch.GetTimestamp();
        SwarmListing found = await bob.Client.LookupAsync(Share.Name, null, false, TestContext.CancellationToken);

        TimeSpan took = Stopwatch.GetElapsedTime(started);
        Assert.HasCount(1, found.Peers);
        Assert.IsLessThan(6, took.TotalSeconds);
    }

    [TestMethod]
    public async Task Registration_FirstTrackerDies_MovesToTheSecond_AndBack()
    {
        TrackerServer first = await StartAsync(AnyPort);
        TransportAddress firstAddress = first.ListenAddresses[0];
        await using TrackerServer second = await StartAsync(AnyPort);
        await using Node alice = Node.Start(firstAddress, second.ListenAddresses[0]);
        alice.Client.Announce(new Registration(Share, new ChunkSet(new ChunkRange(0, 5))));
        Assert.IsTrue(await alice.Client.WaitUntilRegisteredAsync(Share.Name, TestContext.CancellationToken));
        Assert.AreEqual(1, first.GetStatistics().Entries);
        Assert.AreEqual(0, second.GetStatistics().Entries);

        await first.DisposeAsync();
        alice.Client.Announce(new Registration(Share, new ChunkSet(new ChunkRange(0, 10))));   // what it tells next, it tells the second
        await WaitAsync(() => second.GetStatistics().Entries == 1, "the registration did not move");

        await using TrackerServer again = await StartAsync(firstAddress);
        await WaitAsync(() => again.GetStatistics().Entries == 1, "the registration did not come back");
    }

    [TestMethod]
    public async Task LookupAsync_SharerReachesTheSecondTrackerOnly_IsFoundThere()
    {
        await using TrackerServer first = await StartAsync(AnyPort);
        await using TrackerServer second = await StartAsync(AnyPort);
        await using Node alice = Node.Start(second.ListenAddresses[0]);
        await using Node bob = Node.Start(first.ListenAddresses[0], second.ListenAddresses[0]);
        alice.Client.Announce(new Registration(Share, new ChunkSet(new ChunkRange(0, 10))));
        Assert.IsTrue(await alice.Client.WaitUntilRegisteredAsync(Share.Name, TestContext.CancellationToken));
        SwarmListing found = await bob.Client.LookupAsync(Share.Name, null, false, TestContext.CancellationToken);
        Assert.HasCount(1, found.Peers);
    }

    [TestMethod]
    public async Task LookupAsync_UnknownShare_IsAnsweredAtOnce()
    {
        await using TrackerServer first = await StartAsync(AnyPort);
        await using TrackerServer second = await StartAsync(AnyPort);
        await using Node bob = Node.Start(first.ListenAddresses[0], second.ListenAddresses[0]);
        long started = Stopwatch.GetTimestamp();
        Assert.IsEmpty((await bob.Client.LookupAsync("nobody has this", null, false, TestContext.CancellationToken)).Peers);
        Assert.IsLessThan(3, Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    [TestMethod]
    public async Task LookupAsync_NoTrackerAnswers_SaysSo()
    {
        await using Node bob = Node.Start("nowhere.invalid", "also-nowhere.invalid:81");
        P2PException e = await Assert.ThrowsExactlyAsync<P2PException>(() => bob.Client.LookupAsync("f", null, false, TestContext.CancellationToken));
        Assert.AreEqual(P2PErrorReason.TrackerUnreachable, e.Reason);
    }

    private static Task<TrackerServer> StartAsync(TransportAddress address) => TrackerServer.StartAsync(new TrackerOptions { Listen = { address } });

    // A port on which nobody answers, because who had it has gone.
    private static async Task<TransportAddress> DeadAsync()
    {
        await using TrackerServer gone = await StartAsync(AnyPort);
        return gone.ListenAddresses[0];
    }

    private static async Task WaitAsync(Func<bool> condition, string otherwise)
    {
        using var deadline = new CancellationTokenSource(Patience);
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        try
        {
            while (!condition()) await ticks.WaitForNextTickAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"Within {Patience}, {otherwise}.");
        }
    }

    private sealed class Node : IAsyncDisposable
    {
        private readonly DatagramEndpoint _endpoint;

        private Node(DatagramEndpoint endpoint, TrackerClient client) => (_endpoint, Client) = (endpoint, client);

        public TrackerClient Client { get; }

        public static Node Start(params object[] trackers)
        {
            DatagramEndpoint endpoint = DatagramEndpoint.Bind(new DatagramEndpointOptions { LocalAddress = AnyPort });
            byte[] id = new byte[PeerId.SizeInBytes];
            id[0] = (byte)endpoint.LocalAddress.Port;
            id[1] = 1;
            string[] names = [.. trackers.Select(tracker => tracker.ToString()!)];
            return new Node(endpoint, new TrackerClient(endpoint, new PeerId(id), names, TimeProvider.System, NullLogger.Instance, TimeSpan.FromMilliseconds(500)));
        }

        public async ValueTask DisposeAsync()
        {
            await Client.DisposeAsync();
            await _endpoint.DisposeAsync();
        }
    }
}
