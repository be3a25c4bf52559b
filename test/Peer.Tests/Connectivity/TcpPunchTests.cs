using CS3103P2P.Peer.Connectivity;
using CS3103P2P.Peer.Discovery;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace CS3103P2P.Peer.Tests.Connectivity;

[TestClass]
public sealed class TcpPunchTests
{
    private static readonly TransportAddress Theirs = TransportAddress.FromIPv4(0xCB007105, 50_000);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [TestMethod]
    public async Task Handle_StrangersOffers_OpenNoSocketAndAskNobody()
    {
        await using var node = new Node();
        for (int i = 0; i < 2 * TcpPunchWishes.MaxWishes; i++)
        {
            node.Punch.Handle(Offer(Peer(i)), node.SendAsync);
            node.Punch.Handle(new TcpPunchWish(Peer(i), node.SendAsync, null));
        }

        Assert.AreEqual(0, node.Punch.AttemptCount);
        Assert.AreEqual(0, node.ServersAsked);
        Assert.AreEqual(0, node.Sent);
    }

    [TestMethod]
    public async Task Handle_PeerThatIsConnected_IsAnswered()
    {
        await using var node = new Node();
        node.Connect(Peer(1));
        node.Punch.Handle(Offer(Peer(1)), node.SendAsync);
        await node.Asked.WaitAsync(Limit);
        Assert.AreEqual(1, node.Punch.AttemptCount);
    }

    [TestMethod]
    public async Task HandleAdopted_PeerThatOfferedBefore_IsAnswered_OthersAreNot()
    {
        await using var node = new Node();
        node.Punch.Handle(Offer(Peer(1)), node.SendAsync);
        node.Punch.Handle(Offer(Peer(2)), node.SendAsync);
        node.Connect(Peer(3));
        Assert.AreEqual(0, node.Punch.AttemptCount);
        node.Connect(Peer(2));
        await node.Asked.WaitAsync(Limit);
        Assert.AreEqual(1, node.Punch.AttemptCount);
        Assert.AreEqual(1, node.ServersAsked);
    }

    [TestMethod]
    public async Task Start_PeerThatThisNodeWants_BeginsAtOnce()
    {
        await using var node = new Node();
        node.Punch.Start(Peer(1), node.SendAsync);
        await node.Asked.WaitAsync(Limit);
        Assert.AreEqual(1, node.Punch.AttemptCount);
    }

    [TestMethod]
    public void Wishes_AddressGrowsOld_ThenTheWishDoes()
    {
        var wishes = new TcpPunchWishes();
        var start = new MonotonicTime(5);
        foreach ((TimeSpan after, bool hasWish, bool hasAddress) in new[]
        {
            (TimeSpan.Zero, true, true),
            (TcpPunchWishes.AddressPatience, true, false),
            (TcpPunchWishes.Patience, false, false),
        })
        {
            wishes.Put(start, Wish(1, Theirs));
            TcpPunchWish? taken = wishes.Take(start + after, Peer(1));
            Assert.AreEqual((hasWish, hasAddress), (taken is not null, taken?.Address is not null), $"after {after}");
            Assert.IsNull(wishes.Take(start, Peer(1)), "taken twice");
        }
    }

    [TestMethod]
    public void Wishes_OneWithoutAddress_DoesNotDisplaceTheAddress()
    {
        var wishes = new TcpPunchWishes();
        var now = new MonotonicTime(5);
        wishes.Put(now, Wish(1, null));
        wishes.Put(now, Wish(1, Theirs));
        wishes.Put(now, Wish(1, null));
        Assert.AreEqual(Theirs, wishes.Take(now, Peer(1))!.Address);
    }

    [TestMethod]
    public void Wishes_Full_TakeNoMoreBeforeSomeGrowOld()
    {
        var wishes = new TcpPunchWishes();
        var now = new MonotonicTime(5);
        for (int i = 0; i <= TcpPunchWishes.MaxWishes; i++) wishes.Put(now, Wish(i, Theirs));
        Assert.AreEqual(TcpPunchWishes.MaxWishes, wishes.Count);
        Assert.IsNull(wishes.Take(now, Peer(TcpPunchWishes.MaxWishes)));
        wishes.Put(now + TcpPunchWishes.Patience, Wish(1_000, Theirs));
        Assert.AreEqual(1, wishes.Count);
    }

    private static TcpPunchWish Wish(int peer, TransportAddress? address) => new(Peer(peer), (_, _, _) => Task.FromResult(true), address);

    private static RendezvousOffer Offer(PeerId from) => new(from, Theirs, TcpPunchOffer.Encode(Theirs));

    private static PeerId Peer(int number)
    {
        byte[] bytes = new byte[PeerId.SizeInBytes];
        BitConverter.TryWriteBytes(bytes, number + 1);
        return new PeerId(bytes);
    }

    /// <summary>All that the punch needs; the server that it asks first never answers.</summary>
    private sealed class Node : IAsyncDisposable
    {
        private readonly PeerIdentity _identity = PeerIdentity.Create();
        private readonly PeerMetrics _metrics = new();
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly CancellationTokenSource _end = new();
        private readonly PeerConnections _connections;
        private int _serversAsked;
        private int _sent;

        public Node()
        {
            var network = new NodePlatform().Network;
            var security = new TlsSecurity(_identity);
            var context = new ConnectionContext
            {
                Self = security.Id,
                ListenPort = 1,
                Shares = new ShareTable(),
                Uploads = new RateLimiter(null, TimeProvider.System),
                Downloads = new RateLimiter(null, TimeProvider.System),
                Metrics = _metrics,
                TimeProvider = TimeProvider.System,
                Logger = NullLogger.Instance,
            };
            _connections = new PeerConnections(
                context,
                new PeerDialer(security, null, network, TimeProvider.System),
                null,
                new ConnectPipelines(Limit, TimeProvider.System, new Random(1)),
                new ConnectionCounter(10, 10));
            Punch = new TcpPunch(_connections, security, network, FindServerAsync, TimeProvider.System, NullLogger.Instance);
            _connections.Adopted += Punch.HandleAdopted;
        }

        public TcpPunch Punch { get; }

        public Task Asked => _asked.Task;

        public int ServersAsked => Volatile.Read(ref _serversAsked);

        public int Sent => Volatile.Read(ref _sent);

        public Task<bool> SendAsync(PeerId to, ReadOnlyMemory<byte> offer, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _sent);
            return Task.FromResult(true);
        }

        /// <summary>A connection by another way than TCP, with a peer that has proven who it is and says nothing.</summary>
        public void Connect(PeerId peer) => Assert.IsNotNull(_connections.TryAdopt(new SecuredStream(new SilentStream(), peer), Theirs, "utp"));

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await _connections.DisposeAsync();
            _metrics.Dispose();
            _identity.Dispose();
            _end.Dispose();
        }

        private async Task<TransportAddress?> FindServerAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _serversAsked);
            _asked.TrySetResult();
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _end.Token);
            await new TaskCompletionSource().Task.WaitAsync(either.Token);
            return null;
        }
    }
}
