using System.Collections.Concurrent;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using CS3103P2P.Protocol;

namespace CS3103P2P.Stun;

/// <summary>Accepts TCP connections, with TLS when it has a certificate, and runs each until it ends.</summary>
internal sealed class TurnStreamListener : IAsyncDisposable
{
    private const int Backlog = 128;
    private static readonly TimeSpan HandshakeLimit = TimeSpan.FromSeconds(10);

    private readonly Socket _listener;
    private readonly X509Certificate2? _certificate;
    private readonly int _maxConnections;
    private readonly TimeProvider _timeProvider;
    private readonly Func<TurnServerConnection, Task> _run;
    private readonly Func<int> _nextNumber;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<int, Task> _running = new();
    private Task _accepting = Task.CompletedTask;

    /// <exception cref="SocketException">The address cannot be bound.</exception>
    public TurnStreamListener(
        TransportAddress address, X509Certificate2? certificate, TurnListenOptions options, Func<int> nextNumber, Func<TurnServerConnection, Task> run)
    {
        _certificate = certificate;
        _maxConnections = options.MaxConnections;
        _timeProvider = options.TimeProvider;
        _nextNumber = nextNumber;
        _run = run;
        _listener = new Socket(address.IsIPv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (!address.IsIPv4) _listener.DualMode = address.IsUnspecified;
            _listener.Bind(address.ToIPEndPoint());
            _listener.Listen(Backlog);
        }
        catch
        {
            _listener.Dispose();
            throw;
        }

        LocalAddress = new TransportAddress((System.Net.IPEndPoint)_listener.LocalEndPoint!);
    }

    public TransportAddress LocalAddress { get; }

    public void Start() => _accepting = AcceptAsync(_stopping.Token);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
        await Task.WhenAll(_running.Values).ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task AcceptAsync(CancellationToken stopping)
    {
        await Task.Yield();
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                Socket socket = await _listener.AcceptAsync(stopping).ConfigureAwait(false);
                if (_running.Count >= _maxConnections) socket.Dispose();
                else Track(_nextNumber(), socket, stopping);
            }
            catch (SocketException)
            {
                // The client gave up while it was being accepted, or the system is out of descriptors; others may succeed.
                await Task.Delay(TimeSpan.FromMilliseconds(10), _timeProvider, CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private void Track(int number, Socket socket, CancellationToken stopping)
    {
        Task run = RunAsync(number, socket, stopping);
        _running[number] = run;
        run.ContinueWith(_ => _running.TryRemove(number, out Task? _), TaskScheduler.Default);
    }

    private async Task RunAsync(int number, Socket socket, CancellationToken stopping)
    {
        await Task.Yield();
        try
        {
            socket.NoDelay = true;
            var remote = new TransportAddress((System.Net.IPEndPoint)socket.RemoteEndPoint!);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (_certificate is not null) stream = await AuthenticateAsync(stream, stopping).ConfigureAwait(false);
            await using var connection = new TurnServerConnection(stream, remote, number, _timeProvider);
            await using CancellationTokenRegistration registration = stopping.UnsafeRegister(static c => ((TurnServerConnection)c!).Close(), connection);
            await _run(connection).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException or OperationCanceledException or ObjectDisposedException)
        {
            socket.Dispose();   // no TLS, or gone before it began
        }
    }

    private async Task<Stream> AuthenticateAsync(Stream inner, CancellationToken stopping)
    {
        using var limit = new CancellationTokenSource(HandshakeLimit, _timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        var stream = new SslStream(inner);
        var authentication = new SslServerAuthenticationOptions { ServerCertificate = _certificate };
        await stream.AuthenticateAsServerAsync(authentication, either.Token).ConfigureAwait(false);
        return stream;
    }
}
