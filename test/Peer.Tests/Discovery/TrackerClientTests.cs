using System.Net;
using CS3103P2P.Peer.Discovery;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace CS3103P2P.Peer.Tests.Discovery;

/// <summary>Client and server on real sockets.</summary>
[TestClass]
public sealed class TrackerClientTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly TransportAddress AnyPort = new(IPAddress.Loopback, 0);

    public required TestContext TestContext { get; init; }

    [TestMethod]
    public async Task LookupAsync_AfterAnnounce_FindsDescriptorPeerAndChunks()
    {
        await using TrackerServer server = await StartServerAsync(AnyPort);
        await using Node alice = Node.Start(server.ListenAddresses[0], 1);
        await using Node bob = Node.Start(server.ListenAddresses[0], 2);
        var chunks = new ChunkSet(new ChunkRange(0, 600));
        chunks.Remove(7);
        ShareDescriptor share = Share("a file, with | and % = in its name.txt", 600);
        alice.Client.Announce(new Registration(share, chunks));
        SwarmListing found = await WaitForAsync(bob.Client, share.Name, listing => listing.Peers.Count == 1);
        Assert.AreEqual(share, found.Descriptor);
        Assert.AreEqual(alice.Id, found.Peers[0].Id);
        Assert.AreEqual(alice.Endpoint.LocalAddress, found.Peers[0].Address);
        Assert.IsTrue(chunks.SetEquals(found.Peers[0].Chunks));
        CollectionAssert.AreEqual(new[] { share.Name }, (await bob.Client.ListAsync(TestContext.CancellationToken)).ToArray());
        FileSummary? summary = await bob.Client.FindAsync(share.Name, TestContext.CancellationToken);
        Assert.AreEqual(new FileSummary(share.Name, share, 1), summary);
        Assert.IsNull(await bob.Client.FindAsync("nothing", TestContext.CancellationToken));
        Assert.AreEqual(alice.Endpoint.LocalAddress, alice.Client.ListedAddress);
    }

    [TestMethod]
    public async Task Announce_MoreChunks_AreListedToo()
    {
        await using TrackerServer server = await StartServerAsync(AnyPort);
        await using Node node = Node.Start(server.ListenAddresses[0], 1);
        ShareDescriptor share = Share("growing", 5_000);
        var chunks = new ChunkSet();
        for (int chunk = 0; chunk < 5_000; chunk += 2)   // more runs than one datagram tells
        {
            chunks.Add(chunk);
            if (chunk % 1_000 == 0) node.Client.Announce(new Registration(share, chunks));
        }

        node.Client.Announce(new Registration(share, chunks));
        SwarmListing found = await WaitForAsync(node.Client, share.Name, listing => listing.Peers.Count == 1 && listing.Peers[0].Chunks.Count == 2_500);
        Assert.IsTrue(chunks.SetEquals(found.Peers[0].Chunks));
    }

    [TestMethod]
    public async Task Announce_TrackerRestarts_RegistersAgainByItself()
    {
        TrackerServer first = await StartServerAsync(AnyPort);
        TransportAddress address = first.ListenAddresses[0];
        await using Node node = Node.Start(address, 1);
        ShareDescriptor share = Share("phoenix", 10);
        node.Client.Announce(new Registration(share, new ChunkSet(new ChunkRange(0, 10))));
        await WaitForAsync(node.Client, share.Name, listing => listing.Peers.Count == 1);
        await first.DisposeAsync();
        await using TrackerServer second = await StartServerAsync(address);
        SwarmListing found = await WaitForAsync(node.Client, share.Name, listing => listing.Peers.Count == 1);
        Assert.AreEqual(10, found.Peers[0].Chunks.Count);
    }

    [TestMethod]
    public async Task WithdrawAndLeave_Registered_TakeOffTheList()
    {
        await using TrackerServer server = await StartServerAsync(AnyPort);
        await using Node node = Node.Start(server.ListenAddresses[0], 1);
        node.Client.Announce(new Registration(Share("one", 1), new ChunkSet(new ChunkRange(0, 1))));
        node.Client.Announce(new Registration(Share("two", 1), new ChunkSet(new ChunkRange(0, 1))));
        await WaitForAsync(node.Client, "two", listing => listing.Peers.Count == 1);
        await WaitForAsync(node.Client, "one", listing => listing.Peers.Count == 1);
        node.Client.Withdraw("one");
        await WaitForAsync(node.Client, "one", listing => listing.Peers.Count == 0);
        Assert.HasCount(1, (await node.Client.LookupAsync("two", null, false, TestContext.CancellationToken)).Peers);
        await node.Client.LeaveAsync(TestContext.CancellationToken);
        Assert.IsEmpty((await node.Client.LookupAsync("two", null, false, TestContext.CancellationToken)).Peers);
    }

    [TestMethod]
    public async Task SendOfferAsync_ToRegisteredPeer_Arrives()
    {
        await using TrackerServer server = await StartServerAsync(AnyPort, AnyPort);
        await using Node alice = Node.Start(server.ListenAddresses[0], 1);
        await using Node bob = Node.Start(server.ListenAddresses[1], 2);   // another socket of the same tracker
        var arrived = new TaskCompletionSource<RendezvousOffer>(TaskCreationOptions.RunContinuationsAsynchronously);
        bob.Client.OfferReceived += offer => arrived.TrySetResult(offer);
        bob.Client.Announce(new Registration(Share("bobs", 1), new ChunkSet(new ChunkRange(0, 1))));
        await WaitForAsync(alice.Client, "bobs", listing => listing.Peers.Count == 1);
        byte[] offer = [.. Enumerable.Range(0, TrackerLimits.MaxOfferBytes).Select(i => (byte)i)];
        Assert.IsTrue(await alice.Client.SendOfferAsync(bob.Id, offer, TestContext.CancellationToken));
        RendezvousOffer received = await arrived.Task.WaitAsync(Patience, TestContext.CancellationToken);
        Assert.AreEqual(alice.Id, received.From);
        Assert.AreEqual(alice.Endpoint.LocalAddress, received.SeenAt);
        CollectionAssert.AreEqual(offer, received.Offer.ToArray());
        Assert.IsFalse(await alice.Client.SendOfferAsync(IdOf(99), offer, TestContext.CancellationToken));
    }

    [TestMethod]
    public async Task LookupAsync_Unlisted_IsFoundByNameButNotListed()
    {
        await using TrackerServer server = await StartServerAsync(AnyPort);
        await using Node node = Node.Start(server.ListenAddresses[0], 1);
        node.Client.Announce(new Registration(Share("hidden", 1), new ChunkSet(new ChunkRange(0, 1)), Unlisted: true));
        await WaitForAsync(node.Client, "hidden", listing => listing.Peers.Count == 1);
        Assert.IsEmpty(await node.Client.ListAsync(TestContext.CancellationToken));
    }

    [TestMethod]
    public async Task LookupAsync_UnresolvableTracker_FailsWithReason()
    {
        await using Node node = Node.Start("name.invalid", 1);
        P2PException unreachable = await Assert.ThrowsExactlyAsync<P2PException>(() => node.Client.LookupAsync("x", null, false, TestContext.CancellationToken));
        Assert.AreEqual(P2PErrorReason.TrackerUnreachable, unreachable.Reason);
    }

    internal static ShareDescriptor Share(string name, int chunks) =>
        new(name, ShareKind.File, chunks * 16_384L, 16_384, Sha256Digest.Of(System.Text.Encoding.UTF8.GetBytes(name)));

    internal static PeerId IdOf(byte number)
    {
        byte[] bytes = new byte[PeerId.SizeInBytes];
        bytes[0] = number;
        return new PeerId(bytes);
    }

    private static async Task<TrackerServer> StartServerAsync(params TransportAddress[] addresses)
    {
        var options = new TrackerOptions();
        foreach (TransportAddress address in addresses) options.Listen.Add(address);
        return await TrackerServer.StartAsync(options);
    }

    private async Task<SwarmListing> WaitForAsync(TrackerClient client, string name, Func<SwarmListing, bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            try
            {
                SwarmListing listing = await client.LookupAsync(name, null, true, patience.Token);
                if (condition(listing)) return listing;
            }
            catch (OperationCanceledException) when (patience.IsCancellationRequested)
            {
                Assert.Fail($"The tracker's list of '{name}' did not become what was expected within {Patience}.");
            }

            TestContext.CancellationToken.ThrowIfCancellationRequested();
        }
    }

    private sealed class Node : IAsyncDisposable
    {
        private Node(DatagramEndpoint endpoint, TrackerClient client, PeerId id) => (Endpoint, Client, Id) = (endpoint, client, id);

        public DatagramEndpoint Endpoint { get; }

        public TrackerClient Client { get; }

        public PeerId Id { get; }

        public static Node Start(TransportAddress tracker, byte number) => Start(tracker.ToString(), number);

        public static Node Start(string tracker, byte number)
        {
            DatagramEndpoint endpoint = DatagramEndpoint.Bind(new DatagramEndpointOptions { LocalAddress = AnyPort });
            PeerId id = IdOf(number);
            return new Node(endpoint, new TrackerClient(endpoint, id, [tracker], TimeProvider.System, NullLogger.Instance), id);
        }

        public async ValueTask DisposeAsync()
        {
            await Client.DisposeAsync();
            await Endpoint.DisposeAsync();
        }
    }
}
