using System.Net.Sockets;
using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.Connections;

/// <summary>
/// Finds out once for each public address how the NAT filters, and maps where the watcher's servers do not show it, as soon as one of them turns out to have
/// two addresses (RFC 5780). Nobody waits for it; without such a server it sends nothing. Thread-safe.
/// </summary>
internal sealed class NatBehaviorFinder : IDisposable
{
    private readonly StunClient _stun;
    private readonly PublicEndpointWatcher _watcher;
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private TransportAddress? _foundAt;
    private NatBehavior _found = new();
    private bool _isRunning;
    private bool _isDisposed;

    /// <param name="stun">The shared socket; the tests use one beside it, so that they open no filter for it.</param>
    /// <param name="watcher">Knows the public address.</param>
    public NatBehaviorFinder(StunClient stun, PublicEndpointWatcher watcher)
    {
        _stun = stun;
        _watcher = watcher;
        watcher.Changed += HandleChange;
    }

    /// <summary>What was found out at the present public address; unknown until then.</summary>
    public NatBehavior Current
    {
        get
        {
            Consider();
            lock (_gate) return _foundAt is not null && _foundAt == _watcher.Current.Address?.WithPort(0) ? _found : new NatBehavior();
        }
    }

    public void Dispose()
    {
        _watcher.Changed -= HandleChange;
        lock (_gate)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            _end.Cancel();
            if (!_isRunning) _end.Dispose();
        }
    }

    private void HandleChange(PublicEndpointStatus status) => Consider();

    private void Consider()
    {
        if (_watcher.TwoAddressServer is not { } server || _watcher.Current.Address?.WithPort(0) is not { } seen) return;
        lock (_gate)
        {
            if (_isRunning || _isDisposed || _foundAt == seen) return;
            _isRunning = true;
        }

        _ = FindAsync(server, seen);
    }

    private async Task FindAsync(TransportAddress server, TransportAddress seen)
    {
        var found = new NatBehavior();
        try
        {
            // A thread may have a network of its own; the socket shall be in that of the shared one.
            await using StunClient client = await _stun.Endpoint.InvokeAsync(() => StunClient.BindBeside(_stun.Endpoint)).ConfigureAwait(false);
            found = await client.DiscoverNatAsync([server], _end.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // No socket to be had, or the end: nothing is known.
        }

        lock (_gate)
        {
            _isRunning = false;
            _foundAt = seen;
            _found = found;
            if (_isDisposed) _end.Dispose();
        }
    }
}
