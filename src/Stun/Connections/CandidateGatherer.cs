using CS3103P2P.Protocol;
using CS3103P2P.Stun.Ice;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Stun.Connections;

/// <summary>Gathers this side's candidates from whatever sources there are, and says when they change. Thread-safe.</summary>
internal sealed class CandidateGatherer : IDisposable
{
    /// <summary>How many of the next ports are predicted behind a NAT that counts them.</summary>
    private const int PredictedPorts = 5;

    // What comes later is told in a further offer.
    private static readonly TimeSpan LongestFirstWait = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WaitForSecondServer = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan StepIsGoodFor = TimeSpan.FromSeconds(1);

    private readonly StunClient _stun;
    private readonly IceTransportOptions _options;
    private readonly RelayKeeper _relay;
    private readonly Action _changed;
    private readonly Action _networkChanged;
    private readonly NatBehaviorFinder? _behavior;
    private readonly Lock _gate = new();
    private Task<(short Step, TransportAddress Last)>? _measuring;
    private MonotonicTime _measuredAt;

    /// <param name="stun">The shared socket.</param>
    /// <param name="options">Where candidates come from.</param>
    /// <param name="relay">The relay.</param>
    /// <param name="changed">Called, on any thread, when a source knows something new.</param>
    /// <param name="networkChanged">Called, on any thread, when what the sources know may be wrong.</param>
    public CandidateGatherer(StunClient stun, IceTransportOptions options, RelayKeeper relay, Action changed, Action networkChanged)
    {
        _stun = stun;
        _options = options;
        _relay = relay;
        _changed = changed;
        _networkChanged = networkChanged;
        _stun.Endpoint.Network.AddressesChanged += networkChanged;
        if (options.Watcher is null) return;
        options.Watcher.Changed += HandleEndpointChange;
        if (options.Filtering is null) _behavior = new NatBehaviorFinder(stun, options.Watcher);
    }

    /// <summary>Gathers what can be had soon; the rest comes later, and is told by the callbacks.</summary>
    /// <param name="mode">Whether to ask, and how long to wait.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IceLocalDescription> GatherAsync(GatherMode mode, CancellationToken cancellationToken)
    {
        _relay.EnsureStarted();
        PublicEndpointStatus? status = await ObserveAsync(mode, cancellationToken).ConfigureAwait(false);
        NatBehavior behavior = _behavior?.Current ?? new NatBehavior();
        if (status is { Mapping: NatMapping.Unknown }) status = status with { Mapping = behavior.IsEndpointIndependent == false ? NatMapping.Dependent : behavior.Mapping };
        bool isSymmetric = status?.Mapping == NatMapping.Dependent;
        (short step, TransportAddress last) = isSymmetric && _options.StunServers.Count > 0
            ? await MeasureStepAsync(cancellationToken).ConfigureAwait(false)
            : default;
        List<IceSubnet> networks = LocalNetworks.Read(_stun.Endpoint.Network, _stun.LocalAddress, _options.AllowLoopback);
        List<IceCandidate> candidates = [];
        AddHosts(candidates, networks);
        AddMapped(candidates);
        if (status?.Address is { } reflexive) Add(candidates, IceCandidateType.ServerReflexive, reflexive);
        for (int i = 1; step != 0 && i <= PredictedPorts; i++)
        {
            int port = last.Port + (i * step);
            if (port is > 1024 and <= ushort.MaxValue) Add(candidates, IceCandidateType.Predicted, last.WithPort((ushort)port));
        }

        if (_relay.Address is { } relayed) candidates.Add(IceCandidate.Create(IceCandidateType.Relayed, relayed, IcePaths.FirstRelay));
        NatMapping mapping = status?.Address is { } seen && networks.Any(n => n.Address == seen) ? NatMapping.None : status?.Mapping ?? NatMapping.Unknown;
        var nat = new IceNat(mapping, _options.Filtering?.Invoke() ?? behavior.Filtering, step);
        return _options.AdjustLocal(new IceLocalDescription(candidates, networks, nat));
    }

    public void Dispose()
    {
        _stun.Endpoint.Network.AddressesChanged -= _networkChanged;
        if (_options.Watcher is not null) _options.Watcher.Changed -= HandleEndpointChange;
        _behavior?.Dispose();
    }

    // Each measurement moves the port that comes next, so those who ask at about the same time share one.
    private Task<(short Step, TransportAddress Last)> MeasureStepAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            MonotonicTime now = _stun.Endpoint.Clock.Now;
            if (_measuring is { } known && now - _measuredAt < StepIsGoodFor) return known;
            _measuredAt = now;
            return _measuring = PortStepMeter.MeasureAsync(_stun.Endpoint, _options.StunServers[0], cancellationToken);
        }
    }

    private async Task<PublicEndpointStatus?> ObserveAsync(GatherMode mode, CancellationToken cancellationToken)
    {
        if (_options.Watcher is not { } watcher) return null;
        bool isKnown = watcher.Current is { Address: not null, Mapping: not NatMapping.Unknown };
        if (mode == GatherMode.AsKnown || (mode == GatherMode.First && isKnown)) return watcher.Current;
        var judged = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Action<PublicEndpointStatus> judge = status =>
        {
            if (status.Mapping != NatMapping.Unknown) judged.TrySetResult();
        };
        watcher.Changed += judge;
        try
        {
            await watcher.RefreshAsync(cancellationToken).WaitAsync(mode == GatherMode.First ? LongestFirstWait : LongestWait, _stun.Endpoint.TimeProvider, cancellationToken).ConfigureAwait(false);

            // The first answer ends the wait for the address; how the NAT maps shows with the second.
            if (watcher.Current.Mapping == NatMapping.Unknown) await judged.Task.WaitAsync(WaitForSecondServer, _stun.Endpoint.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or ObjectDisposedException)
        {
            _options.Logger.LogDebug("The public address is not known in time.");
        }
        finally
        {
            watcher.Changed -= judge;
        }

        return watcher.Current;
    }

    private static void AddHosts(List<IceCandidate> candidates, List<IceSubnet> networks)
    {
        ushort preference = IceCandidate.MaxLocalPreference;
        foreach (IceSubnet network in networks.OrderBy(n => n.Address.IsLoopback))
        {
            candidates.Add(IceCandidate.Create(IceCandidateType.Host, network.Address, IcePaths.SharedSocket, preference--));
        }
    }

    private void AddMapped(List<IceCandidate> candidates)
    {
        if (_options.PortMapper?.Status is not { } status) return;
        if (status.Udp is { } mapped) Add(candidates, IceCandidateType.Mapped, mapped);
    }

    // The same address twice is one candidate, the better one (RFC 8445 §5.1.3).
    private static void Add(List<IceCandidate> candidates, IceCandidateType type, TransportAddress address)
    {
        if (!candidates.Any(c => c.Address == address)) candidates.Add(IceCandidate.Create(type, address));
    }

    private void HandleEndpointChange(PublicEndpointStatus status)
    {
        _relay.Verify();   // it knows this side by its address
        _changed();
    }
}
