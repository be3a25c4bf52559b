using CS3103P2P.Peer;

namespace CS3103P2P.Simulation;

/// <summary>One run of a peer's program: a whole node of the product, on a simulated machine.</summary>
internal sealed class PeerProcess
{
    private static readonly TimeSpan StallTimeout = TimeSpan.FromSeconds(40);
    private readonly World _world;
    private readonly SimulatedPeer _peer;
    private readonly ProcessClock _clock;
    private readonly TraceLogger _logger;
    private readonly PeerNodeOptions _options;
    private readonly Dictionary<SharedFact, string> _registered = [];
    private PeerNode? _node;

    public PeerProcess(World world, SimulatedPeer peer, Neighbourhood servers)
    {
        _world = world;
        _peer = peer;
        _clock = new ProcessClock(world.Time, peer.Clock, peer.Host);
        _logger = new TraceLogger(world, peer.Name);
        Network = new HostNetwork(world, peer.Host);
        peer.Host.Outgoing = Plants.OutgoingFilterFor(peer.Plant, world, peer);
        _options = new PeerNodeOptions
        {
            Port = peer.Plan.Port,
            Lan = false,
            PortMapping = false,
            StallTimeout = StallTimeout,
            Tracker = peer.Plan.HasTracker ? servers.Tracker.Address.ToString() : null,
            LoggerFactory = new TraceLoggerFactory(_logger),
            TimeProvider = _clock,
            UploadLimitBitsPerSecond = peer.Plan.UploadLimit,
            Platform = new NodePlatform
            {
                Network = Network,
                HasTcp = false,
                Disk = peer.Disk,
                BootId = peer.BootId,
                Security = new SealedSecurity(world, peer.Id, peer.Plan.Kind == PeerKind.Mute),
                WatchShare = WatchShare,
                WatchDownload = WatchDownload,
            },
        };
        _options.StunServers.Clear();
        _options.StunServers.Add(servers.Stun.Address.ToString());
    }

    public HostNetwork Network { get; }

    /// <summary>The inside of the running node; null before it runs.</summary>
    public NodeServices? Services => _node?.Services;

    public TimeProvider Clock => _clock;

    /// <summary>Whether the program is gone.</summary>
    public bool IsDead => _clock.IsStopped;

    /// <summary>The names under which the tracker should know what is complete here.</summary>
    public IReadOnlyDictionary<SharedFact, string> Registered => _registered;

    public PeerNode Node => _node ?? throw new InvalidOperationException("The node does not run.");

    public void Start() => _ = Guard(RunAsync());

    /// <summary>The program is gone from one moment to the next: nothing of it ever runs again.</summary>
    public void Die()
    {
        _logger.IsSilent = true;
        _clock.IsStopped = true;
        _node?.Services.Metrics.Dispose();
        _peer.Host.CloseAll();
    }

    /// <summary>The program ends as it should.</summary>
    public async Task LeaveAsync()
    {
        if (_node is not null) await _node.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>It has all of something, and the tracker must know.</summary>
    public void NoteComplete(SharedFact fact, string trackerName)
    {
        if (_peer.Plan.HasTracker) _registered[fact] = trackerName;
    }

    /// <summary>Whatever escapes is found at once, with the seed; a dead program's remains may fail as they like.</summary>
    public async Task Guard(Task task)
    {
        try
        {
            await task.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            if (IsDead) _world.Trace.Note(_peer.Name, $"its remains: {e.Message}");
            else _world.Violate("no exception escapes", $"{_peer.Name}: {e}");
        }
    }

    private async Task RunAsync()
    {
        _node = await PeerNode.StartAsync(_options).ConfigureAwait(false);
        foreach (SharedFact fact in _peer.Plan.Shares) _ = Guard(ShareAsync(fact));
        if (_peer.Plan.Kind == PeerKind.Mute) return;
        foreach (SharedFact fact in _peer.Plan.Wants) _ = Guard(new SimulatedDownload(_world, _peer, this, fact).RunAsync());
    }

    private async Task ShareAsync(SharedFact fact)
    {
        while (!IsDead)
        {
            try
            {
                var options = new ShareOptions { Name = fact.Name, ChunkSize = fact.ChunkSize, IsPrivate = fact.IsPrivate };
                Share share = await Node.ShareAsync(SimulatedPeer.PathOfShare(fact), options).ConfigureAwait(false);
                fact.Learn(share);
                NoteComplete(fact, fact.TrackerNameOf(share.Ticket));
                return;
            }
            catch (P2PException e) when (e.Reason is P2PErrorReason.StorageFailed or P2PErrorReason.DiskFull)
            {
                _world.Trace.Note(_peer.Name, $"{fact.Name}: {e.Message}");
            }
            catch (OperationCanceledException) when (_peer.IsLeaving)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromSeconds(3), _clock).ConfigureAwait(false);
        }
    }

    private IShareContent WatchShare(IShareContent content)
    {
        SharedFact fact = _peer.Plan.Shares.First(shared => shared.Name == content.Descriptor.Name);
        _peer.LedgerOf(fact).Ever.UnionWith(content.SnapshotVerified().ToChunkSet());
        return _peer.Plan.Kind == PeerKind.Liar ? new LyingContent(content, _world.Fork()) : content;
    }

    private WatchedContent WatchDownload(IDownloadContent content)
    {
        SharedFact fact = _peer.Plan.Wants.First(wanted => wanted.Name == content.Descriptor.Name);
        var watched = new WatchedContent(_world, _peer, this, fact, content);
        watched.CheckResumed();
        return watched;
    }
}
