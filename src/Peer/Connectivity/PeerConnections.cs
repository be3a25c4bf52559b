using CS3103P2P.Protocol;
using CS3103P2P.Stun;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>All connections with peers, dialled or accepted: keeps, bounds and reuses them. Thread-safe.</summary>
internal sealed class PeerConnections : IAsyncDisposable
{
    private const int MaxPerPeer = 4;
    private const int MaxWaitingFailures = 256;
    private readonly Lock _gate = new();
    private readonly ConnectionContext _context;
    private readonly PeerDialer _dialer;
    private readonly IceTransport? _ice;
    private readonly ConnectPipelines _pipelines;
    private readonly List<PeerConnection> _connections = [];
    private readonly CancellationTokenSource _stop = new();
    private Task _reports = Task.CompletedTask;
    private int _waitingFailures;

    public PeerConnections(ConnectionContext context, PeerDialer dialer, IceTransport? ice, ConnectPipelines pipelines, ConnectionCounter counter)
    {
        _context = context;
        _dialer = dialer;
        _ice = ice;
        _pipelines = pipelines;
        Counter = counter;
        if (ice is not null) ice.Refused += (peer, failure) => Report(ConnectFailures.Of(peer, failure) with { IsAskedByPeer = true });
    }

    public ConnectionCounter Counter { get; }

    /// <summary>Connections that there are.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _connections.Count;
        }
    }

    public BanList Banned { get; } = new();

    /// <summary>How full its tables and those of its connections are.</summary>
    public IEnumerable<TableUse> Tables
    {
        get
        {
            PeerConnection[] all;
            lock (_gate) all = [.. _connections];
            int most = all.GroupBy(connection => connection.RemoteId).Select(its => its.Count()).DefaultIfEmpty().Max();
            return
            [
                new("connections with a peer", most, MaxPerPeer), new("failures waiting", _waitingFailures, MaxWaitingFailures),
                new("peers banned", Banned.Count, BanList.MaxBanned), new("addresses dialled", _pipelines.Count, ConnectPipelines.MaxAddresses),
                .. all.SelectMany(connection => connection.Tables),
            ];
        }
    }

    /// <summary>A connection with a peer: one that is there, or a new one.</summary>
    /// <param name="address">Where.</param>
    /// <param name="expected">Who must answer; null accepts any.</param>
    /// <param name="besideIce">Whether the caller tries <see cref="GetByIceAsync"/> too.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<ConnectOutcome> GetAsync(TransportAddress address, PeerId? expected, bool besideIce, CancellationToken cancellationToken)
    {
        if (expected == _context.Self || (expected is { } id && Banned.Contains(id))) return default;
        if (Find(address, expected) is { } present) return present;
        if (!Counter.TryEnter(address)) return ConnectFailures.TooMany(expected, address);
        PeerConnection? connection = null;
        ConnectFailure? failure = null;
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop.Token);
        using var another = CancellationTokenSource.CreateLinkedTokenSource(linked.Token);
        Adopted += GiveUpFor;
        try
        {
            TransportAttempt attempt = await _pipelines.For(address).ExecuteAsync(
                static async (state, token) => await state.Dialer.DialAsync(state.Address, state.Expected, state.BesideIce, token).ConfigureAwait(false),
                (Dialer: _dialer, Address: address, Expected: expected, BesideIce: besideIce),
                another.Token).ConfigureAwait(false);
            connection = TryAdopt(attempt.Secured, address, attempt.Transport);
            if (connection is null) await attempt.Secured.Stream.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or TimeoutRejectedException or BrokenCircuitException)
        {
            failure = ConnectFailures.Of(expected, address, e);
            _context.Logger.LogDebug("{Address} cannot be reached: {Reason}", address, e.Message);
        }
        catch (OperationCanceledException) when (!linked.IsCancellationRequested)
        {
            _context.Logger.LogDebug("{Address} was reached another way.", address);
        }
        finally
        {
            Adopted -= GiveUpFor;
            if (connection is null) Counter.Leave(address);
        }

        return (connection ?? Find(address, expected)) is { } made ? made : failure;

        // Another way to the same peer was faster.
        void GiveUpFor(PeerConnection adopted)
        {
            if (adopted.RemoteId != expected) return;
            try
            {
                another.Cancel();
            }
            catch (ObjectDisposedException)
            {
                return;   // the attempt ended at the same moment
            }
        }
    }

    /// <summary>Called with each new connection, dialled or accepted.</summary>
    public event Action<PeerConnection>? Adopted;

    /// <summary>Called when a peer has fallen silent although something is due from it, and now and then while that lasts.</summary>
    public event Action<PeerConnection>? Doubted;

    /// <summary>Called, on a pool thread and one at a time, with each new connection and whenever one takes another way.</summary>
    public event Action<PeerPath>? PathChanged;

    /// <summary>Called, on a pool thread and one at a time, when a peer could not be reached, or was of no use.</summary>
    public event Action<ConnectFailure>? Failed;

    /// <summary>Whether <see cref="GetByIceAsync"/> can do anything.</summary>
    public bool HasIce => _ice is not null;

    /// <summary>Reaches a peer through NATs, or by a relay.</summary>
    /// <param name="peer">Whom.</param>
    /// <param name="sendOffer">Brings it our offers.</param>
    /// <param name="isWanted">Asked again when a path is found: another way may have been faster.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<ConnectOutcome> GetByIceAsync(PeerId peer, IceOfferSender sendOffer, Func<bool> isWanted, CancellationToken cancellationToken)
    {
        if (_ice is null || peer == _context.Self || Banned.Contains(peer)) return default;
        if (Find(default, peer) is { } present) return present;
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop.Token);
        IceConnectResult result = await _ice.ConnectAsync(peer, sendOffer, linked.Token).ConfigureAwait(false);
        if (result.Connection is not { } path) return ConnectFailures.Of(peer, result.Failure!);
        ConnectOutcome outcome = isWanted() ? await ConnectOverAsync(path, peer, linked.Token).ConfigureAwait(false) : default;
        if (outcome.Connection is null && !IsInUse(path)) await path.DisposeAsync().ConfigureAwait(false);
        return outcome;
    }

    private async Task<ConnectOutcome> ConnectOverAsync(IceConnection path, PeerId peer, CancellationToken cancellationToken)
    {
        if (!Counter.TryEnter(path.Address)) return ConnectFailures.TooMany(peer, path.Address);
        PeerConnection? connection = null;
        ConnectFailure? failure = null;
        try
        {
            TransportAttempt attempt = await _pipelines.For(path.Address).ExecuteAsync(
                static async (state, token) => await state.Dialer.DialUtpAsync(state.Address, state.Peer, token).ConfigureAwait(false),
                (Dialer: _dialer, path.Address, Peer: peer),
                cancellationToken).ConfigureAwait(false);
            connection = TryAdopt(attempt.Secured, path.Address, attempt.Transport, path);
            if (connection is null) await attempt.Secured.Stream.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or TimeoutRejectedException or BrokenCircuitException)
        {
            failure = ConnectFailures.Of(peer, path.Path?.Remote ?? path.Address, e);
            _context.Logger.LogInformation("{Peer} does not answer over {Path}: {Reason}", peer.ToShortString(), path.Path, e.Message);
        }
        finally
        {
            if (connection is null) Counter.Leave(path.Address);
        }

        return connection is not null ? connection : failure;
    }

    /// <summary>Whether there is a TCP connection with this peer.</summary>
    public bool HasTcp(PeerId peer)
    {
        lock (_gate) return _connections.Exists(connection => connection.RemoteId == peer && connection.Transport == "tcp");
    }

    /// <summary>Whether there is any connection with this peer, so that it has proven who it is.</summary>
    public bool IsConnected(PeerId peer)
    {
        lock (_gate) return _connections.Exists(connection => connection.RemoteId == peer);
    }

    private bool IsInUse(IceConnection path)
    {
        lock (_gate) return _connections.Exists(connection => connection.Path == path);
    }

    /// <summary>Logs a failure and calls <see cref="Failed"/>. Does not block; when nobody takes them, failures are only logged.</summary>
    public void Report(ConnectFailure failure)
    {
        _context.Logger.LogInformation("No connection with {Peer} ({Reason}): {Message}", failure.Peer?.ToShortString(), failure.Reason, failure.Message);
        lock (_gate)
        {
            if (_waitingFailures == MaxWaitingFailures) return;
            _waitingFailures++;
            _reports = _reports.ContinueWith(
                _ =>
                {
                    lock (_gate) _waitingFailures--;
                    Failed?.Invoke(failure);
                },
                CancellationToken.None,
                TaskContinuationOptions.None,
                TaskScheduler.Default);
        }
    }

    // ICE calls on the socket's loop, which must not wait for anybody.
    private void ReportPath(PeerConnection connection)
    {
        PeerPath way = connection.ToPeerPath();
        lock (_gate)
        {
            _reports = _reports.ContinueWith(
                _ => PathChanged?.Invoke(way), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    // Without consent the path is gone; the connection would notice only by its own silence.
    private static async Task WatchAsync(IceConnection path, PeerConnection connection)
    {
        if (await Task.WhenAny(path.Ended, connection.Completion).ConfigureAwait(false) == path.Ended)
        {
            connection.Abort(IceFailureText.Of(await path.Ended.ConfigureAwait(false)));
        }
    }

    /// <summary>Takes over a secured stream that was counted before; null, and the stream stays the caller's, when its peer must not be used.</summary>
    public PeerConnection? TryAdopt(SecuredStream secured, TransportAddress address, string transport, IceConnection? path = null)
    {
        PeerId peer = secured.RemotePeer;
        if (peer == _context.Self || Banned.Contains(peer)) return null;
        var connection = new PeerConnection(secured.Stream, peer, address, transport, _context) { Path = path, Doubted = doubted => Doubted?.Invoke(doubted) };
        PeerConnection[] replaced;
        lock (_gate)
        {
            replaced = [.. _connections.Where(other => other.RemoteId == peer && other.IsInDoubt)];
            if (_stop.IsCancellationRequested || _connections.Count(other => other.RemoteId == peer) - replaced.Length >= MaxPerPeer) return null;
            _connections.Add(connection);
        }

        foreach (PeerConnection old in replaced) old.Abort("another has taken its place");
        connection.Start();
        _context.Logger.LogDebug("Connected with {Peer}.", connection);
        if (path is not null)
        {
            path.PathChanged += _ => ReportPath(connection);
            _ = WatchAsync(path, connection);
        }

        ReportPath(connection);
        _ = ForgetWhenEndedAsync(connection);
        Adopted?.Invoke(connection);
        return connection;
    }

    /// <summary>Cuts a peer and never uses it again.</summary>
    public void Ban(PeerId peer)
    {
        Banned.Add(peer);
        PeerConnection[] its;
        lock (_gate) its = [.. _connections.Where(connection => connection.RemoteId == peer)];
        foreach (PeerConnection connection in its) connection.Abort("it is banned");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        PeerConnection[] all;
        lock (_gate) all = [.. _connections];
        await Task.WhenAll(all.Select(connection => connection.DisposeAsync().AsTask())).ConfigureAwait(false);
        _stop.Dispose();
    }

    private PeerConnection? Find(TransportAddress address, PeerId? expected)
    {
        lock (_gate)
        {
            return _connections.Find(connection => !connection.IsInDoubt && (expected is { } id ? connection.RemoteId == id : connection.RemoteAddress == address));
        }
    }

    private async Task ForgetWhenEndedAsync(PeerConnection connection)
    {
        await connection.Completion.ConfigureAwait(false);
        lock (_gate) _connections.Remove(connection);
        Counter.Leave(connection.RemoteAddress);
        if (connection.Path is { } path && !IsInUse(path)) await path.DisposeAsync().ConfigureAwait(false);
    }
}
