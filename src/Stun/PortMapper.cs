using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using CS3103P2P.Protocol;
using CS3103P2P.Stun.Mapper;
using CS3103P2P.Stun.PortMapping;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CS3103P2P.Stun;

/// <summary>
/// Asks the home router to forward one port, by PCP (RFC 6887), NAT-PMP (RFC 6886) and UPnP-IGD at once, keeps the best answer alive,
/// follows the machine to other networks, and removes its mappings on disposal. Thread-safe.
/// </summary>
public sealed class PortMapper : IAsyncDisposable
{
    private static readonly TimeSpan RouteCheckInterval = TimeSpan.FromSeconds(30);
    private static readonly IPEndPoint SsdpGroup = new(IPAddress.Parse("239.255.255.250"), 1900);

    private readonly PortMapperOptions _options;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _networkChanged = new(0, 1);
    private readonly TaskCompletionSource<PortMappingStatus> _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private PortMapperSession? _session;
    private TransportAddress? _reflexive;
    private PortMappingStatus _status = PortMappingStatus.Pending;
    private Task _run = Task.CompletedTask;
    private bool _disposed;

    private PortMapper(PortMapperOptions options)
    {
        _options = options;
        _logger = options.Logger ?? NullLogger.Instance;
    }

    /// <summary>What is mapped now.</summary>
    public PortMappingStatus Status => Volatile.Read(ref _status);

    /// <summary>Begins to ask; returns at once.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static PortMapper Start(PortMapperOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var mapper = new PortMapper(options);
        NetworkChange.NetworkAddressChanged += mapper.OnNetworkChanged;
        mapper._run = Task.Run(mapper.RunAsync);
        return mapper;
    }

    /// <summary>Completes with the first settled status: after a few seconds, whether something could be mapped or not.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public Task<PortMappingStatus> WaitUntilSettledAsync(CancellationToken cancellationToken = default) => _settled.Task.WaitAsync(cancellationToken);

    /// <summary>Tells what a STUN server sees as our address, for <see cref="PortMappingStatus.IsDoubleNat"/>.</summary>
    public void ReportReflexiveAddress(TransportAddress address)
    {
        lock (_gate)
        {
            _reflexive = address;
            _session?.ReportReflexiveAddress(address);
        }
    }

    /// <summary>Removes the mappings; waits for the router two seconds at most.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
        }

        NetworkChange.NetworkAddressChanged -= OnNetworkChanged;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(false);
        Publish(new PortMappingStatus { IsSettled = true, Failure = PortMappingFailure.Stopped });
        _stop.Dispose();
        _networkChanged.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            GatewayRoute? route = FindRoute();
            if (route is null) Publish(new PortMappingStatus { IsSettled = true, Failure = PortMappingFailure.NoGateway });
            using var routeEnd = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            Task watch = WatchRouteAsync(route, routeEnd);
            if (route is not null) await RunSessionAsync(route, routeEnd.Token).ConfigureAwait(false);
            await watch.ConfigureAwait(false);
        }
    }

    private async Task RunSessionAsync(GatewayRoute route, CancellationToken routeEnd)
    {
        var session = new PortMapperSession(PlanFor(route), _options.TimeProvider, _logger, Publish);
        lock (_gate)
        {
            _session = session;
            if (_reflexive is { } address) session.ReportReflexiveAddress(address);
        }

        try
        {
            await session.RunAsync(routeEnd).ConfigureAwait(false);
        }
        catch (SocketException failure)
        {
            // The address went away between finding and using it; the watch finds the next one.
            _logger.LogDebug("No socket on {Address}: {Reason}", route.Client, failure.SocketErrorCode);
            Publish(new PortMappingStatus { IsSettled = true, Failure = PortMappingFailure.NoGateway });
        }
        finally
        {
            lock (_gate) _session = null;
        }
    }

    // Ends, and cancels the session, when the default route is another one or the mapper stops.
    private async Task WatchRouteAsync(GatewayRoute? current, CancellationTokenSource routeEnd)
    {
        try
        {
            Task changed = _networkChanged.WaitAsync(routeEnd.Token);
            do
            {
                if (changed.IsCompletedSuccessfully) changed = _networkChanged.WaitAsync(routeEnd.Token);
                Task due = Task.Delay(RouteCheckInterval, _options.TimeProvider, routeEnd.Token);
                await (await Task.WhenAny(changed, due).ConfigureAwait(false)).ConfigureAwait(false);
            }
            while (current == FindRoute());
            await routeEnd.CancelAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopping; the caller's loop sees it.
        }
    }

    private GatewayRoute? FindRoute()
    {
        if (_options is { Gateway: { } gateway, LocalAddress: { } local }) return new GatewayRoute(new TransportAddress(local, 0), new TransportAddress(gateway, 0));
        return GatewayFinder.Find();
    }

    private MappingPlan PlanFor(GatewayRoute route)
    {
        var port = (ushort)_options.Port;
        return new MappingPlan
        {
            Client = route.Client.WithPort(port),
            Gateway = route.Gateway.WithPort((ushort)_options.ControlPort),
            SsdpGroup = new TransportAddress(SsdpGroup.Address, _options.SsdpPort),
            Client6 = _options.OpenIpv6Pinholes ? route.Client6?.WithPort(port) : null,
            Gateway6 = route.Gateway6?.WithPort((ushort)_options.ControlPort),
            MapTcp = _options.MapTcp,
            Lifetime = _options.Lifetime,
            Description = _options.Description,
        };
    }

    private void Publish(PortMappingStatus status)
    {
        if (status == Volatile.Read(ref _status)) return;
        Volatile.Write(ref _status, status);
        _logger.LogInformation("Port mapping: {Status}", status);
        _options.OnStatusChanged?.Invoke(status);
        if (status.IsSettled) _settled.TrySetResult(status);
    }

    private void OnNetworkChanged(object? sender, EventArgs e)
    {
        lock (_gate)
        {
            if (!_disposed && _networkChanged.CurrentCount == 0) _networkChanged.Release();
        }
    }
}
