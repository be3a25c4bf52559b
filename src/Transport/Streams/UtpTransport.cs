using System.Threading.Channels;
using CS3103P2P.Protocol;
using CS3103P2P.Transport.Utp;

namespace CS3103P2P.Transport;

/// <summary>uTP (BEP 29) over a UDP socket that other protocols share. All members are thread-safe.</summary>
public sealed class UtpTransport : IAsyncDisposable
{
    private readonly DatagramEndpoint _endpoint;
    private readonly UtpLoop _loop;
    private int _disposed;

    /// <summary>Attaches uTP to an endpoint, which stays the caller's and must be disposed later.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="InvalidOperationException">The endpoint carries uTP already.</exception>
    public UtpTransport(DatagramEndpoint endpoint, UtpOptions options)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(options);
        _endpoint = endpoint;
        _loop = new UtpLoop(endpoint, options);
        endpoint.Attach(DatagramKind.Utp, _loop, _ => _loop.Fail());
    }

    /// <summary>The connections that there are; on the loop, or while it stands.</summary>
    internal UtpConnection[] GetConnections() => _loop.GetConnections();

    /// <summary>Where this side is reached.</summary>
    public TransportAddress LocalAddress => _endpoint.LocalAddress;

    /// <summary>Opens a connection.</summary>
    /// <exception cref="IOException">Refused, timed out, or too many; the inner <see cref="UtpException"/> tells.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<UtpStream> ConnectAsync(TransportAddress remote, CancellationToken ct = default)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        ct.ThrowIfCancellationRequested();
        UtpStream stream = await _endpoint.InvokeAsync(() => _loop.Connect(remote)).ConfigureAwait(false);
        try
        {
            await stream.Connected.WaitAsync(ct).ConfigureAwait(false);
            return stream;
        }
        catch
        {
            await stream.AbortAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Waits for a connection that a peer opens. Until they are accepted, <see cref="UtpOptions.AcceptBacklog"/> bounds them.</summary>
    /// <exception cref="IOException">The transport was closed.</exception>
    public async Task<UtpStream> AcceptAsync(CancellationToken ct = default)
    {
        try
        {
            UtpStream stream = await _loop.Accepted.ReadAsync(ct).ConfigureAwait(false);
            _endpoint.Wake();
            return stream;
        }
        catch (ChannelClosedException e)
        {
            throw UtpException.ToIOException((e.InnerException?.InnerException as UtpException)?.Reason ?? UtpCloseReason.TransportClosed);
        }
    }

    /// <summary>Aborts open connections; waits until disposed streams delivered what was written, for no longer than <see cref="UtpOptions.Linger"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        try
        {
            await _endpoint.InvokeAsync(_loop.Stop).ConfigureAwait(false);
            await _loop.Stopped.ConfigureAwait(false);
            _endpoint.Detach(DatagramKind.Utp);
            await _endpoint.InvokeAsync(_loop.StopListeningToPaths).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // The endpoint went first and took the connections with it.
        }
    }
}
