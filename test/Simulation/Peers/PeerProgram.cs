using CS3103P2P.Peer;
using CS3103P2P.Peer.Connectivity;
using CS3103P2P.Peer.Discovery;
using CS3103P2P.Peer.Transfers;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>One run of a peer's program: the product's sessions, connections and machines, joined as the node joins them on real sockets.</summary>
internal sealed class PeerProgram
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);
    private readonly World _world;
    private readonly SimulatedPeer _peer;
    private readonly UtpDriver _utp;
    private readonly TraceLogger _logger;
    private readonly ConnectionContext _context;
    private readonly List<PeerConnection> _connections = [];
    private readonly HashSet<PeerId> _banned = [];
    private readonly HashSet<TransportAddress> _dialling = [];
    private readonly HashSet<WatchedContent> _contents = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly PeerMetrics _metrics = new();

    public PeerProgram(World world, SimulatedPeer peer, VirtualTracker tracker)
    {
        _world = world;
        _peer = peer;
        _logger = new TraceLogger(world, peer.Name);
        _utp = new UtpDriver(world, peer.Host, new UtpOptions(), pipe => _ = AcceptAsync(pipe));
        Tracker = new TrackerPort(world, peer.Host, peer.Id, tracker.Address, TakeOffer);
        peer.Host.BeforeDrain = BeforeDrain;
        peer.Host.Outgoing = Plants.OutgoingFilterFor(peer.Plant, world);
        _context = new ConnectionContext
        {
            Self = peer.Id,
            ListenPort = peer.Host.LocalAddress.Port,
            Shares = Shares,
            Uploads = new RateLimiter(null, peer.Clock),
            Downloads = new RateLimiter(null, peer.Clock),
            Metrics = _metrics,
            TimeProvider = peer.Clock,
            Logger = _logger,
        };
    }

    public ShareTable Shares { get; } = new();

    public TrackerPort Tracker { get; }

    public CancellationToken Stopping => _stop.Token;

    public int ConnectionCount => _connections.Count;

    public int UtpConnectionCount => _utp.ConnectionCount;

    public bool Owns(WatchedContent content) => _contents.Contains(content);

    public void Start()
    {
        foreach (SharedFact fact in _peer.Plan.Shares) _ = Guard(ShareAsync(fact));
        if (_peer.Plan.Kind == PeerKind.Mute) return;
        foreach (SharedFact fact in _peer.Plan.Wants) _ = Guard(new SimulatedDownload(_world, _peer, this, fact).RunAsync());
        _world.Touch(_peer.Host);
    }

    /// <summary>The program is gone from one moment to the next.</summary>
    public void Die()
    {
        _logger.IsSilent = true;
        _contents.Clear();
        _utp.Kill();
        _stop.Cancel();
        foreach (PeerConnection connection in _connections.ToArray()) connection.Abort("it is dead");
        _metrics.Dispose();
    }

    /// <summary>Opens, or begins, a download on disk.</summary>
    public async Task<WatchedContent> OpenTargetAsync(SharedFact fact, ShareDescriptor descriptor)
    {
        var options = new DownloadTargetOptions { Disk = _peer.Disk, BootId = _peer.BootId, Time = _peer.Clock, Logger = _logger };
        IDownloadContent inner = await DownloadTarget.OpenAsync(descriptor, SimulatedPeer.PathOfTarget(fact), options, null, Stopping).ConfigureAwait(false);
        var content = new WatchedContent(_world, _peer, fact, inner);
        if (Stopping.IsCancellationRequested) return content;
        _contents.Add(content);
        content.CheckResumed();
        return content;
    }

    /// <summary>Runs a session with what the node gives it.</summary>
    public DownloadSessionOptions SessionOptions(Action<ChunkSet> verified, Action refresh) => new()
    {
        Random = _world.Fork(),
        TimeProvider = _peer.Clock,
        Logger = _logger,
        Metrics = _metrics,
        OnVerified = verified,
        OnRefresh = refresh,
        OnBanned = connection => Ban(connection.RemoteId),
    };

    /// <summary>Serves content and keeps it registered.</summary>
    public ServedShare Serve(IShareContent content)
    {
        var share = new ServedShare(content, content.Descriptor.Name, null);
        Shares.TryAdd(share);
        Register(content);
        return share;
    }

    /// <summary>Tells the tracker what of a share is here.</summary>
    public void Register(IShareContent content)
    {
        if (Stopping.IsCancellationRequested) return;
        ChunkSet chunks = content.SnapshotVerified().ToChunkSet();
        if (chunks.IsEmpty && content.Descriptor.SizeBytes > 0) return;
        if (_peer.Plant == PlantedBug.AnnouncesTooMuch) chunks.Add(Math.Min(content.Descriptor.ChunkCount - 1, chunks.Runs[^1].End));
        Tracker.Announce(new Registration(content.Descriptor, chunks));
    }

    /// <summary>A connection with a peer: one that is there, or a new one; null when it cannot be reached or must not be used.</summary>
    public async Task<PeerConnection?> ConnectAsync(TransportAddress address, PeerId? expected)
    {
        if (expected is { } id && (id == _peer.Id || _banned.Contains(id))) return null;
        if (_connections.Find(connection => expected is { } wanted ? connection.RemoteId == wanted : connection.RemoteAddress == address) is { } present) return present;
        if (!_dialling.Add(address)) return null;
        if (expected is { } other) Tracker.Offer(other);
        try
        {
            return _utp.Connect(address) is { } pipe ? await AdoptAsync(pipe, expected).ConfigureAwait(false) : null;
        }
        finally
        {
            _dialling.Remove(address);
        }
    }

    private async Task AcceptAsync(UtpPipe pipe)
    {
        if (_peer.Plan.Kind != PeerKind.Mute) await AdoptAsync(pipe, null).ConfigureAwait(false);
    }

    private async Task<PeerConnection?> AdoptAsync(UtpPipe pipe, PeerId? expected)
    {
        try
        {
            using var timeout = new CancellationTokenSource(ConnectTimeout, _world.Time);
            await pipe.Connected.WaitAsync(timeout.Token).ConfigureAwait(false);
            SealedStream stream = await SealedStream.OpenAsync(_world, pipe, _peer.Id, expected, timeout.Token).ConfigureAwait(false);
            if (Stopping.IsCancellationRequested || _banned.Contains(stream.RemoteId) || stream.RemoteId == _peer.Id)
            {
                await stream.DisposeAsync().ConfigureAwait(false);
                return null;
            }

            var connection = new PeerConnection(stream, stream.RemoteId, pipe.RemoteAddress, "utp", _context);
            _connections.Add(connection);
            connection.Start();
            _ = Guard(ForgetWhenEndedAsync(connection));
            return connection;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            _world.Trace.Note(_peer.Name, $"{pipe.RemoteAddress}: {e.Message}");
            pipe.Close();
            return null;
        }
    }

    private async Task ForgetWhenEndedAsync(PeerConnection connection)
    {
        await connection.Completion.ConfigureAwait(false);
        _connections.Remove(connection);
    }

    private async Task ShareAsync(SharedFact fact)
    {
        SharedContent content = await SharedContent.CreateAsync(
            _peer.Disk, SimulatedPeer.PathOfShare(fact), fact.Name, fact.ChunkSize, null, Stopping).ConfigureAwait(false);
        if (Stopping.IsCancellationRequested) return;
        fact.Descriptor ??= content.Descriptor;
        _peer.LedgerOf(fact).Ever.UnionWith(content.SnapshotVerified().ToChunkSet());
        Serve(_peer.Plan.Kind == PeerKind.Liar ? new LyingContent(content, _world.Fork()) : content);
    }

    private void Ban(PeerId id)
    {
        _world.Trace.Add(_peer.Name, $"bans {id.ToShortString()}");
        _banned.Add(id);
        foreach (PeerConnection connection in _connections.Where(connection => connection.RemoteId == id).ToArray()) connection.Abort("it is banned");
    }

    // Connecting back opens this side's NAT for the one who asked.
    private void TakeOffer(RendezvousOffer offer)
    {
        bool isKnown = _connections.Exists(connection => connection.RemoteId == offer.From);
        if (!isKnown && !_dialling.Contains(offer.SeenAt) && _dialling.Add(offer.SeenAt)) _ = Guard(AnswerAsync(offer));
    }

    private async Task AnswerAsync(RendezvousOffer offer)
    {
        if (_utp.Connect(offer.SeenAt) is { } pipe) await AdoptAsync(pipe, offer.From).ConfigureAwait(false);
        _dialling.Remove(offer.SeenAt);
    }

    private void BeforeDrain()
    {
        _utp.BeforeDrain();
        Tracker.BeforeDrain();
    }

    // Whatever escapes is found at once, with the seed; a dead program's remains may fail as they like.
    private async Task Guard(Task task)
    {
        try
        {
            await task.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            if (Stopping.IsCancellationRequested) _world.Trace.Note(_peer.Name, $"its remains: {e.Message}");
            else _world.Violate("no exception escapes", $"{_peer.Name}: {e}");
        }
    }
}
