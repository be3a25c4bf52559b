using CS3103P2P.Protocol;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>
/// Accepts peers by TCP and uTP. On TCP the first byte tells TLS (0x16, a handshake record) from the plain exchange. Whoever does not finish
/// the handshake in time is cut, so slow ones hold a place only briefly.
/// </summary>
internal sealed class PeerListener : IAsyncDisposable
{
    private const byte TlsHandshake = 0x16;
    private readonly PeerConnections _connections;
    private readonly ConnectionContext _context;
    private readonly IPeerSecurity _security;
    private readonly PlainServer _plain;
    private readonly TimeSpan _handshakeTimeout;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _handshakes = [];
    private Task _loops = Task.CompletedTask;

    public PeerListener(PeerConnections connections, ConnectionContext context, IPeerSecurity security, TimeSpan handshakeTimeout)
    {
        _connections = connections;
        _context = context;
        _security = security;
        _plain = new PlainServer(context);
        _handshakeTimeout = handshakeTimeout;
    }

    /// <summary>Begins to accept. Call once.</summary>
    public void Start(TcpTransport? tcp, UtpTransport? utp)
    {
        Task tcpLoop = tcp is null ? Task.CompletedTask : LoopAsync(async token => Admit(await tcp.AcceptAsync(token).ConfigureAwait(false)));
        Task utpLoop = utp is null ? Task.CompletedTask : LoopAsync(async token => Admit(await utp.AcceptAsync(token).ConfigureAwait(false)));
        _loops = Task.WhenAll(tcpLoop, utpLoop);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loops.ConfigureAwait(false);
        Task[] handshakes;
        lock (_gate) handshakes = [.. _handshakes];
        await Task.WhenAll(handshakes).ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task LoopAsync(Func<CancellationToken, Task> acceptOne)
    {
        try
        {
            while (true) await acceptOne(_stop.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            _context.Logger.LogDebug("No more peers are accepted.");
        }
    }

    private void Admit(TcpAccepted accepted) => Admit(accepted.RemoteAddress, accepted.Stream, token => HandshakeAsync(accepted, token));

    private void Admit(UtpStream stream) => Admit(stream.RemoteAddress, stream, token => SecureAsync(stream, stream.RemoteAddress, "utp", token));

    private void Admit(TransportAddress remote, Stream stream, Func<CancellationToken, Task<bool>> handshake)
    {
        if (!_connections.Counter.TryEnter(remote))
        {
            _context.Logger.LogDebug("{Address} is turned away: too many connections.", remote);
            stream.Dispose();
            return;
        }

        Task running = RunAsync(remote, stream, handshake);
        lock (_gate) _handshakes.Add(running);
        _ = running.ContinueWith(
            done =>
            {
                lock (_gate) _handshakes.Remove(done);
            },
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default);
    }

    // The place that was counted goes over to the connection when there is one.
    private async Task RunAsync(TransportAddress remote, Stream stream, Func<CancellationToken, Task<bool>> handshake)
    {
        bool isAdopted = false;
        try
        {
            await Task.Yield();
            isAdopted = await handshake(_stop.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            _context.Logger.LogDebug("{Address} did not become a peer: {Reason}", remote, e.Message);
        }
        catch (Exception e)
        {
            _context.Logger.LogError(e, "Accepting {Address} failed.", remote);
        }

        if (isAdopted) return;
        _connections.Counter.Leave(remote);
        await stream.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<bool> HandshakeAsync(TcpAccepted accepted, CancellationToken stop)
    {
        byte[] first = new byte[PlainRequest.Prefix.Length];
        int length;
        using (var timeout = new CancellationTokenSource(_handshakeTimeout, _context.TimeProvider))
        using (var bounded = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token))
        {
            length = await accepted.PeekAsync(first, bounded.Token).ConfigureAwait(false);
        }

        if (length == 0) return false;
        if (first[0] == TlsHandshake) return await SecureAsync(accepted.Stream, accepted.RemoteAddress, "tcp", stop).ConfigureAwait(false);
        if (first.AsSpan(0, length).SequenceEqual(PlainRequest.Prefix)) await _plain.RunAsync(accepted.Stream, stop).ConfigureAwait(false);
        return false;
    }

    private async Task<bool> SecureAsync(Stream stream, TransportAddress remote, string transport, CancellationToken stop)
    {
        using var timeout = new CancellationTokenSource(_handshakeTimeout, _context.TimeProvider);
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
        SecuredStream secured = await _security.AuthenticateAsServerAsync(stream, bounded.Token).ConfigureAwait(false);
        if (_connections.TryAdopt(secured, remote, transport) is not null) return true;
        await secured.Stream.DisposeAsync().ConfigureAwait(false);
        return false;
    }
}
