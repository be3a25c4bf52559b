using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun;

/// <summary>
/// A relayed address on a TURN server (RFC 8656), over a shared UDP socket, TCP or TLS; kept alive until disposed. Thread-safe.
/// </summary>
public sealed class TurnClient : ITurnClientHandler, IAsyncDisposable
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource<TurnFailure?> _allocated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<TurnFailure?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<TransportAddress, TaskCompletionSource<TurnFailure?>> _peers = [];   // touched on the machine's loop only
    private readonly TurnDataReceived _received;
    private readonly TimeProvider _timeProvider;
    private readonly IHostNetwork _network;
    private readonly TurnClientMachine _machine;
    private TurnConnection? _connection;

    private TurnClient(StunClient stun, TransportAddress server, TurnClientSettings settings, TurnDataReceived received, TimeProvider timeProvider)
    {
        _received = received;
        _network = stun.Endpoint.Network;
        _timeProvider = timeProvider;
        Server = server;
        _machine = new TurnClientMachine(server, settings, stun.NewTransactionId, this);
    }

    /// <summary>The server.</summary>
    public TransportAddress Server { get; }

    /// <summary>The address at which peers reach this client.</summary>
    public TransportAddress RelayedAddress { get; private set; }

    /// <summary>The client's own address as the server sees it.</summary>
    public TransportAddress MappedAddress { get; private set; }

    /// <summary>Ends when the allocation is lost, with the reason, or given back, with null.</summary>
    public Task<TurnFailure?> Ended => _ended.Task;

    /// <summary>Allocates a relayed address; follows a server's hint to another one once.</summary>
    /// <param name="stun">The shared socket, for servers spoken to by UDP.</param>
    /// <param name="server">The server and the user.</param>
    /// <param name="received">Takes what peers send; called on the socket's loop or the connection's task, so it must not block.</param>
    /// <param name="options">How to allocate; the defaults when null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A client or a failure; what the network does never throws.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async Task<TurnAllocateResult> AllocateAsync(
        StunClient stun, TurnUri server, TurnDataReceived received, TurnClientOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stun);
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(received);
        options ??= new TurnClientOptions();
        string name = server.Host.Contains(':', StringComparison.Ordinal) ? $"[{server.Host}]" : server.Host;
        IReadOnlyList<TransportAddress> addresses = await ServerNames.ResolveAsync(name, server.Port, 1, cancellationToken).ConfigureAwait(false);
        if (addresses.Count == 0) return new TurnAllocateResult(null, new TurnFailure(StunOutcome.NameNotResolved));
        TransportAddress address = addresses[0].WithPort(server.Port);
        TurnAllocateResult result = await AllocateAsync(stun, server, address, received, options, cancellationToken).ConfigureAwait(false);
        if (result.Failure?.AlternateServer is not { Port: > 0 } alternate || alternate == address) return result;
        return await AllocateAsync(stun, server, alternate, received, options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks the relay to let a peer send and be sent to (a permission and, if possible, a channel).</summary>
    /// <returns>Null when it does; else why not.</returns>
    public async Task<TurnFailure?> AddPeerAsync(TransportAddress peer, CancellationToken cancellationToken = default)
    {
        var done = new TaskCompletionSource<TurnFailure?>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_connection!.TryInvoke(now => AddPeer(now, peer, done))) return new TurnFailure(StunOutcome.Closed);
        await Task.WhenAny(done.Task, _ended.Task).WaitAsync(cancellationToken).ConfigureAwait(false);
        return done.Task.IsCompleted ? await done.Task.ConfigureAwait(false) : new TurnFailure(StunOutcome.Closed);
    }

    /// <summary>Lets a peer's permission run out.</summary>
    public void RemovePeer(TransportAddress peer) => _connection!.TryInvoke(now =>
    {
        _peers.Remove(peer);
        _machine.RemovePeer(now, peer);
    });

    /// <summary>Asks the server at once whether it still has the allocation; <see cref="Ended"/> ends when it has not.</summary>
    public void Verify() => _connection!.TryInvoke(_machine.Verify);

    /// <summary>Sends a datagram to a peer added before; lost silently when the peer is not ready or the queue is full, as on any path.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The data is longer than <see cref="TurnClientMachine.MaxDataBytes"/>.</exception>
    public void Send(TransportAddress peer, ReadOnlySpan<byte> data)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(data.Length, TurnClientMachine.MaxDataBytes, nameof(data));
        byte[] copy = data.ToArray();
        _connection!.TryInvoke(_ => _machine.TrySend(peer, copy));
    }

    /// <summary>Gives the allocation back and closes a stream connection.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_connection is null) return;
        if (_connection.TryInvoke(_machine.Close)) await WaitForEndAsync().ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
        _ended.TrySetResult(null);
    }

    /// <inheritdoc/>
    void ITurnClientHandler.HandleState(MonotonicTime now, TurnClientState state)
    {
        switch (state)
        {
            case TurnClientState.Ready:
                RelayedAddress = _machine.RelayedAddress;
                MappedAddress = _machine.MappedAddress;
                _allocated.TrySetResult(null);
                break;
            case TurnClientState.Closed or TurnClientState.Failed:
                End(_machine.Failure);
                break;
        }
    }

    /// <inheritdoc/>
    void ITurnClientHandler.HandlePeer(MonotonicTime now, TransportAddress peer, TurnFailure? failure)
    {
        if (_peers.TryGetValue(peer, out TaskCompletionSource<TurnFailure?>? waiting)) waiting.TrySetResult(failure);
        if (failure is not null) _peers.Remove(peer);
    }

    /// <inheritdoc/>
    void ITurnClientHandler.HandleData(MonotonicTime now, TransportAddress peer, ReadOnlySpan<byte> data) => _received(peer, data);

    private static async Task<TurnAllocateResult> AllocateAsync(
        StunClient stun, TurnUri uri, TransportAddress server, TurnDataReceived received, TurnClientOptions options, CancellationToken cancellationToken)
    {
        var settings = new TurnClientSettings
        {
            Credentials = uri.Credentials,
            IsStream = uri.Transport != TurnTransport.Udp,
            WantIPv6 = options.WantIPv6,
            Lifetime = options.Lifetime,
            Retransmission = options.Retransmission,
        };
        var client = new TurnClient(stun, server, settings, received, options.TimeProvider);
        try
        {
            TurnFailure? failure = settings.IsStream
                ? await client.ConnectStreamAsync(uri, options, cancellationToken).ConfigureAwait(false)
                : await client.AttachUdpAsync(stun).ConfigureAwait(false);
            if (failure is null && !client._connection!.TryInvoke(client._machine.Start)) failure = new TurnFailure(StunOutcome.Closed);
            failure ??= await client._allocated.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (failure is null) return new TurnAllocateResult(client, null);
            await client.DisposeAsync().ConfigureAwait(false);
            return new TurnAllocateResult(null, failure);
        }
        catch (OperationCanceledException)
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task<TurnFailure?> AttachUdpAsync(StunClient stun)
    {
        var connection = new TurnUdpConnection(stun, _machine);
        if (!await connection.TryAttachAsync().ConfigureAwait(false)) return new TurnFailure(StunOutcome.Busy);
        _connection = connection;
        return null;
    }

    private async Task<TurnFailure?> ConnectStreamAsync(TurnUri uri, TurnClientOptions options, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.ConnectTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        Stream? stream = null;
        try
        {
            stream = await _network.ConnectTcpAsync(Server, either.Token).ConfigureAwait(false);
            if (uri.Transport == TurnTransport.Tls) stream = await AuthenticateAsync(stream, uri.Host, options, either.Token).ConfigureAwait(false);
            var connection = new TurnStreamConnection(stream, Server, _machine, options.TimeProvider, HandleConnectionLost);
            connection.Start();
            _connection = connection;
            return null;
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException or OperationCanceledException)
        {
            if (stream is not null) await stream.DisposeAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            return new TurnFailure(e is OperationCanceledException ? StunOutcome.TimedOut : StunOutcome.Closed);
        }
    }

    private static async Task<Stream> AuthenticateAsync(Stream inner, string host, TurnClientOptions options, CancellationToken cancellationToken)
    {
        var stream = new SslStream(inner);
        var authentication = new SslClientAuthenticationOptions { TargetHost = host, RemoteCertificateValidationCallback = options.CertificateValidation };
        await stream.AuthenticateAsClientAsync(authentication, cancellationToken).ConfigureAwait(false);
        return stream;
    }

    private void AddPeer(MonotonicTime now, TransportAddress peer, TaskCompletionSource<TurnFailure?> done)
    {
        if (_peers.TryGetValue(peer, out TaskCompletionSource<TurnFailure?>? waiting))
        {
            waiting.Task.ContinueWith(t => done.TrySetResult(t.Result), TaskScheduler.Default);
            return;
        }

        _peers.Add(peer, done);
        if (_machine.TryAddPeer(now, peer)) return;
        _peers.Remove(peer);
        done.TrySetResult(new TurnFailure(_machine.State == TurnClientState.Ready ? StunOutcome.Busy : StunOutcome.Closed));
    }

    private void HandleConnectionLost() => End(new TurnFailure(StunOutcome.Closed));

    private void End(TurnFailure? failure)
    {
        TurnFailure reason = failure ?? new TurnFailure(StunOutcome.Closed);
        _allocated.TrySetResult(reason);
        _ended.TrySetResult(failure);
        foreach (TaskCompletionSource<TurnFailure?> waiting in _peers.Values) waiting.TrySetResult(reason);
    }

    // The server is told, but a server that does not answer keeps nobody waiting: the allocation runs out by itself.
    private async Task WaitForEndAsync()
    {
        try
        {
            await _ended.Task.WaitAsync(CloseTimeout, _timeProvider).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _ended.TrySetResult(null);
        }
    }
}
