using System.Security.Cryptography;
using CS3103P2P.Peer.Connectivity;
using CS3103P2P.Peer.Discovery;
using CS3103P2P.Peer.Transfers;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Peer;

/// <summary>The parts of a running node, wired together; started and ended in the right order.</summary>
internal sealed class NodeServices : IAsyncDisposable
{
    // A node that ends waits no longer than this for the other ends of its uTP streams.
    private static readonly TimeSpan UtpLinger = TimeSpan.FromSeconds(2);

    private readonly NodeSockets _sockets;
    private readonly IPeerSecurity _security;
    private readonly UtpTransport? _utp;
    private readonly PeerListener _listener;
    private readonly NatTraversal _traversal;
    private Task<LanDiscovery>? _lan;

    private NodeServices(PeerNodeOptions options, IPeerSecurity security, NodeSockets sockets)
    {
        Options = options;
        _security = security;
        _sockets = sockets;
        Logger = options.LoggerFactory.CreateLogger("CS3103P2P.Peer");
        Metrics = new PeerMetrics();
        Context = new ConnectionContext
        {
            Self = security.Id,
            ListenPort = sockets.Udp.LocalAddress.Port,
            Shares = new ShareTable(),
            Uploads = new RateLimiter(options.UploadLimitBitsPerSecond, options.TimeProvider),
            Downloads = new RateLimiter(options.DownloadLimitBitsPerSecond, options.TimeProvider),
            Metrics = Metrics,
            TimeProvider = options.TimeProvider,
            Logger = Logger,
        };
        Tracker = options.AllTrackers is { Count: > 0 } trackers ? new TrackerClient(sockets.Udp, security.Id, trackers, options.TimeProvider, Logger) : null;
        _traversal = NatTraversal.Start(sockets.Udp, options, Logger, Advertise);
        _utp = options.Utp ? new UtpTransport(sockets.Udp, new UtpOptions { Linger = UtpLinger, Paths = _traversal.Ice }) : null;
        Connections = new PeerConnections(
            Context,
            new PeerDialer(security, _utp, options.Platform.Network, options.TimeProvider),
            _utp is null ? null : _traversal.Ice,
            new ConnectPipelines(options.ConnectTimeout, options.TimeProvider, options.Platform.Network.Chance),
            new ConnectionCounter(options.MaxConnections, options.MaxConnectionsPerAddress));
        _listener = new PeerListener(Connections, Context, security, options.ConnectTimeout);
        Connections.Doubted += _ => Addresses.Suspect();
        DirectPeers = [.. options.DirectPeers.Select(ParseAddress)];
    }

    public PeerNodeOptions Options { get; }

    /// <summary>The machine.</summary>
    public NodePlatform Platform => Options.Platform;

    public ILogger Logger { get; }

    public PeerMetrics Metrics { get; }

    public ConnectionContext Context { get; }

    public PeerConnections Connections { get; }

    public NatTraversal Traversal => _traversal;

    /// <summary>uTP; null when it is off.</summary>
    public UtpTransport? Utp => _utp;

    public AddressWatch Addresses => _traversal.Addresses;

    /// <summary>The tracker; null when none is configured.</summary>
    public ITrackerClient? Tracker { get; }

    public TransportAddress LocalAddress => _sockets.Udp.LocalAddress;

    /// <summary>Where others reach this node, as the router or STUN says; null while that is not known.</summary>
    public TransportAddress? PublicAddress => _traversal.PublicAddress;

    /// <summary>The peers given by address.</summary>
    public IReadOnlyList<TransportAddress> DirectPeers { get; }

    /// <summary>The peers found on the local network.</summary>
    public IReadOnlyCollection<LanPeer> LanPeers => _lan is { IsCompletedSuccessfully: true } found ? found.Result.Peers : [];

    /// <summary>Opens the port and starts everything.</summary>
    /// <exception cref="P2PException">The port is in use, or the identity cannot be read.</exception>
    public static async Task<NodeServices> StartAsync(PeerNodeOptions options, CancellationToken cancellationToken)
    {
        IPeerSecurity security = options.Platform.Security ?? new TlsSecurity(LoadIdentity(options.IdentityPath));
        NodeServices? node = null;
        try
        {
            NodeSockets sockets = await NodeSockets.OpenAsync(options, options.LoggerFactory.CreateLogger("CS3103P2P.Peer")).ConfigureAwait(false);
            node = new NodeServices(options, security, sockets);
            node.Start(cancellationToken);
            return node;
        }
        catch
        {
            if (node is not null) await node.DisposeAsync().ConfigureAwait(false);
            else security.Dispose();
            throw;
        }
    }

    /// <summary>A client for the tracker of a ticket, on a socket of its own; null when there is none to ask. To be disposed of by the caller.</summary>
    public BorrowedTracker? ConnectTracker(IReadOnlyList<string> trackers)
    {
        if (trackers.Count == 0) return null;
        DatagramEndpoint endpoint = Platform.Network.Bind(new DatagramEndpointOptions { TimeProvider = Options.TimeProvider, Logger = Logger });
        var client = new TrackerClient(endpoint, Context.Self, trackers, Options.TimeProvider, Logger);
        _traversal.AddTracker(client);
        return new BorrowedTracker(client, endpoint, () => _traversal.RemoveTracker(client));
    }

    /// <summary>A source of chance for one download, itself seeded from a secure one, so that peers do not choose alike.</summary>
    public Random NewRandom() => new(Platform.Network.Chance.Next());

    public async ValueTask DisposeAsync()
    {
        if (Tracker is not null)
        {
            await Tracker.LeaveAsync(CancellationToken.None).ConfigureAwait(false);
            await Tracker.DisposeAsync().ConfigureAwait(false);
        }

        if (_lan is not null) await (await _lan.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        await _listener.DisposeAsync().ConfigureAwait(false);
        await Connections.DisposeAsync().ConfigureAwait(false);
        if (_utp is not null) await _utp.DisposeAsync().ConfigureAwait(false);
        await _traversal.DisposeAsync().ConfigureAwait(false);
        await _sockets.DisposeAsync().ConfigureAwait(false);
        Metrics.Dispose();
        _security.Dispose();
    }

    private void Start(CancellationToken cancellationToken)
    {
        _listener.Start(_sockets.Tcp, _utp);
        var punch = new TcpPunch(Connections, _security, Platform.Network, _traversal.FindStreamServerAsync, Options.TimeProvider, Logger);
        Connections.Adopted += punch.HandleAdopted;
        _traversal.Tcp = punch;
        _traversal.HandleDialOffer = new PunchOffer(Connections, Options.TimeProvider, Logger).Handle;
        if (Tracker is { } tracker) _traversal.AddTracker(tracker);
        cancellationToken.ThrowIfCancellationRequested();
        if (!Options.Lan) return;
        var lan = new LanDiscoveryOptions { PeerId = Context.Self, Port = Context.ListenPort, TimeProvider = Options.TimeProvider, Logger = Logger };
        _lan = Task.Run(() => LanDiscovery.StartAsync(lan, CancellationToken.None), CancellationToken.None);   // a socket for each interface: others need not wait for that
    }

    // The router's word counts more than STUN's: the port that it mapped stays open without traffic.
    private void Advertise() => Tracker?.SetPublicAddress(PublicAddress);

    private static TransportAddress ParseAddress(string text) =>
        TransportAddress.TryParse(text, PeerNodeOptions.DefaultPort, out TransportAddress address)
            ? address
            : throw new ArgumentException($"'{text}' is not ip[:port].");

    private static PeerIdentity LoadIdentity(string? path)
    {
        if (path is null) return PeerIdentity.Create();
        try
        {
            return PeerIdentity.LoadOrCreate(path);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new P2PException(P2PErrorReason.PermissionDenied, e.Message, e);
        }
        catch (Exception e) when (e is IOException or CryptographicException or FormatException or ArgumentException)
        {
            throw new P2PException(P2PErrorReason.StorageFailed, $"The identity in {path} cannot be read: {e.Message}", e);
        }
    }
}
