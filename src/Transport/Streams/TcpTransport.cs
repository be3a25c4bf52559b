using System.Net;
using System.Net.Sockets;
using CS3103P2P.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CS3103P2P.Transport;

/// <summary>Accepts and opens TCP connections, of both IP families where the system has them. Thread-safe.</summary>
public sealed class TcpTransport : IAsyncDisposable
{
    /// <summary>Connections that may wait to be accepted; the system may allow fewer.</summary>
    public const int AcceptBacklog = 512;

    // When the process or the machine is out of sockets, the next accept fails at once as well.
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    private readonly Socket _listener;
    private readonly ILogger _logger;
    private readonly TimeProvider _timeProvider;

    private TcpTransport(Socket listener, ILogger logger, TimeProvider timeProvider)
    {
        _listener = listener;
        _logger = logger;
        _timeProvider = timeProvider;
        LocalAddress = new TransportAddress((IPEndPoint)listener.LocalEndPoint!);
    }

    /// <summary>The bound address, with the port that the system picked where none was given.</summary>
    public TransportAddress LocalAddress { get; }

    /// <summary>Binds and listens.</summary>
    /// <param name="local">Read as in <see cref="DatagramEndpointOptions.LocalAddress"/>: the default is both families.</param>
    /// <param name="logger">Where accept errors are reported.</param>
    /// <param name="timeProvider">The clock of the pause after such an error; the system's when null.</param>
    /// <exception cref="SocketException">The address cannot be bound.</exception>
    public static TcpTransport Listen(TransportAddress local, ILogger? logger = null, TimeProvider? timeProvider = null)
    {
        Socket listener = SocketBinder.Bind(local, SocketType.Stream, ProtocolType.Tcp, logger ?? NullLogger.Instance);
        try
        {
            listener.Listen(AcceptBacklog);
            return new TcpTransport(listener, logger ?? NullLogger.Instance, timeProvider ?? TimeProvider.System);
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    /// <summary>Opens a connection.</summary>
    /// <param name="remote">Where to.</param>
    /// <param name="cancellationToken">Gives up; the system's own limit is minutes, so callers set a shorter one.</param>
    /// <exception cref="SocketException">It was refused, or the address cannot be reached.</exception>
    public static async Task<Stream> ConnectAsync(TransportAddress remote, CancellationToken cancellationToken = default)
    {
        AddressFamily family = remote.IsIPv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
        var socket = new Socket(family, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(remote.ToIPEndPoint(), cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Waits for the next connection. What goes wrong with a single connection is logged and does not end the waiting.</summary>
    /// <exception cref="ObjectDisposedException">The transport is disposed, also while this waits.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<TcpAccepted> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                Socket socket = await _listener.AcceptAsync(cancellationToken).ConfigureAwait(false);
                if (TryPrepare(socket) is { } accepted) return accepted;
            }
            catch (SocketException e)
            {
                switch (TcpAcceptErrors.Classify(e.SocketErrorCode))
                {
                    case TcpAcceptVerdict.Closed:
                        throw new ObjectDisposedException(nameof(TcpTransport), e);
                    case TcpAcceptVerdict.NextAtOnce:
                        _logger.LogDebug("A connection failed before it was accepted: {Reason}.", e.SocketErrorCode);
                        break;
                    default:
                        _logger.LogWarning("Accepting connections fails for now: {Reason}.", e.SocketErrorCode);
                        await Task.Delay(RetryDelay, _timeProvider, cancellationToken).ConfigureAwait(false);
                        break;
                }
            }
        }
    }

    /// <summary>Stops listening; accepted connections stay open.</summary>
    public ValueTask DisposeAsync()
    {
        _listener.Dispose();
        return ValueTask.CompletedTask;
    }

    private TcpAccepted? TryPrepare(Socket socket)
    {
        try
        {
            socket.NoDelay = true;
            return new TcpAccepted(socket, new TransportAddress((IPEndPoint)socket.RemoteEndPoint!));
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            // The other side was gone again before it could be looked at.
            _logger.LogDebug("A connection ended while it was accepted: {Reason}.", e.Message);
            socket.Dispose();
            return null;
        }
    }
}
