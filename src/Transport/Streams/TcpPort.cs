using System.Net;
using System.Net.Sockets;
using CS3103P2P.Protocol;

namespace CS3103P2P.Transport;

/// <summary>
/// A local TCP port from which several connections go out. A NAT with endpoint-independent mapping shows one external port for all of them, so what one server
/// sees another peer can connect to, if both do so at the same time (RFC 5382 §4.1, simultaneous open of RFC 9293 §3.5). IPv4. Thread-safe.
/// </summary>
internal sealed class TcpPort : IDisposable
{
    private readonly Socket _holder;
    private readonly IPEndPoint _local;

    private TcpPort(Socket holder)
    {
        _holder = holder;
        _local = (IPEndPoint)holder.LocalEndPoint!;
    }

    /// <summary>Takes a free port, and holds it.</summary>
    /// <exception cref="SocketException">The system gives none.</exception>
    public static TcpPort Open() => new(Bind(new IPEndPoint(IPAddress.Any, 0)));

    /// <summary>Opens a connection from the port.</summary>
    /// <param name="remote">Where to, IPv4.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SocketException">It was refused, or cannot be reached.</exception>
    public async Task<Stream> ConnectAsync(TransportAddress remote, CancellationToken cancellationToken)
    {
        Socket socket = Bind(_local);
        try
        {
            socket.NoDelay = true;
            await socket.ConnectAsync(remote.ToIPEndPoint(), cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose() => _holder.Dispose();

    private static Socket Bind(IPEndPoint local)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(local);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
