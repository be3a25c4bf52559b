using System.Net.Sockets;
using CS3103P2P.Protocol;

namespace CS3103P2P.Transport;

/// <summary>A TCP connection that somebody opened to us.</summary>
public sealed class TcpAccepted : IAsyncDisposable
{
    private readonly Socket _socket;

    internal TcpAccepted(Socket socket, TransportAddress remoteAddress)
    {
        _socket = socket;
        RemoteAddress = remoteAddress;
        Stream = new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>Who connected.</summary>
    public TransportAddress RemoteAddress { get; }

    /// <summary>The connection; disposing it closes the connection.</summary>
    public Stream Stream { get; }

    /// <summary>
    /// Waits for the first bytes and leaves them to be read from <see cref="Stream"/>; so one port can serve TLS (first byte 0x16) and plain text.
    /// To be called before anything is read.
    /// </summary>
    /// <param name="buffer">At least one byte long.</param>
    /// <param name="cancellationToken">Gives up; connections that stay silent are the caller's to bound.</param>
    /// <returns>How many bytes there are, at least 1; 0 when the other side has closed.</returns>
    /// <exception cref="IOException">The connection failed.</exception>
    public async ValueTask<int> PeekAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty) throw new ArgumentException("There must be room for a byte.", nameof(buffer));
        try
        {
            return await _socket.ReceiveAsync(buffer, SocketFlags.Peek, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            throw new IOException($"The connection failed: {e.SocketErrorCode}.", e);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Stream.DisposeAsync();
}
