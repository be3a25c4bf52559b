using CS3103P2P.Peer.Hosting;
using CS3103P2P.Protocol;
using CS3103P2P.Stun;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Peer.Discovery;

/// <summary>
/// Knows the public address of a node's socket by STUN, tells the tracker when it changes, and asks anew before uploads and downloads. Does
/// nothing without STUN servers.
/// </summary>
internal sealed class AddressWatch : IAsyncDisposable
{
    private static readonly TimeSpan FirstAnswerWait = TimeSpan.FromMilliseconds(500);
    private readonly StunClient _client;
    private readonly PublicEndpointWatcher? _watcher;
    private readonly TransportAddress _local;
    private readonly IHostNetwork _network;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;

    public AddressWatch(DatagramEndpoint endpoint, PeerNodeOptions options, ILogger logger)
    {
        _client = StunClient.Attach(endpoint);
        Servers = ServersOf(options);
        _local = endpoint.LocalAddress;
        _network = endpoint.Network;
        _timeProvider = options.TimeProvider;
        _logger = logger;
        if (Servers.Count == 0) return;
        _watcher = new PublicEndpointWatcher(_client, new PublicEndpointWatcherOptions { Servers = Servers, TimeProvider = _timeProvider, Logger = logger });
        _watcher.Changed += _ => Changed?.Invoke();
        _network.AddressesChanged += Suspect;
    }

    /// <summary>Called when <see cref="Current"/> or <see cref="Reachable"/> may have changed.</summary>
    public event Action? Changed;

    /// <summary>STUN on the node's socket.</summary>
    public StunClient Stun => _client;

    /// <summary>Watches the public address; null without STUN servers.</summary>
    public PublicEndpointWatcher? Watcher => _watcher;

    /// <summary>The servers that are asked.</summary>
    public IReadOnlyList<string> Servers { get; }

    /// <summary>Whether the public address is this machine's own.</summary>
    public bool IsPublic => Current is { } seen && IsOwn(seen);

    /// <summary>The public address as last seen.</summary>
    public TransportAddress? Current => _watcher?.Current.Address;

    /// <summary>The public address if others can reach this node there. A NAT that maps each destination differently shows no such address; the
    /// tracker's own view is then as good as any.</summary>
    public TransportAddress? Reachable => _watcher?.Current is { Mapping: NatMapping.None or NatMapping.EndpointIndependent or NatMapping.Unknown } status
        ? status.Address
        : null;

    public void Start() => _watcher?.Start();

    /// <summary>Asks now; waits only a moment, and only when nothing is known yet.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        if (_watcher is null) return;
        Task<PublicEndpointStatus> asked = _watcher.RefreshAsync(cancellationToken);
        if (_watcher.Current.Address is not null) return;
        try
        {
            await asked.WaitAsync(FirstAnswerWait, _timeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _logger.LogDebug("No STUN server has answered yet; going on without.");
        }
    }

    /// <summary>Asks now because something tells that the address may have changed. Does not block.</summary>
    public void Suspect()
    {
        if (_watcher is null) return;
        _ = AskAsync();

        async Task AskAsync()
        {
            try
            {
                await _watcher.RefreshAsync().ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                _logger.LogDebug("The node ends.");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _network.AddressesChanged -= Suspect;
        if (_watcher is not null) await _watcher.DisposeAsync().ConfigureAwait(false);
        await _client.DisposeAsync().ConfigureAwait(false);
    }

    // A tracker of this product answers STUN on its port; to any other, a few questions do no harm.
    public static IReadOnlyList<string> ServersOf(PeerNodeOptions options)
    {
        if (options.StunServers.Count == 0) return [];
        return [.. options.AllTrackers.Select(WithPort), .. options.StunServers];

        static string WithPort(string text) => HostAndPort.TryParse(text, TrackerLimits.DefaultTrackerPort, out HostAndPort tracker) ? tracker.ToString() : text;
    }

    private bool IsOwn(TransportAddress address) => _network.ReadAddresses().Any(own => own.Address.AddressBits == address.AddressBits);
}
