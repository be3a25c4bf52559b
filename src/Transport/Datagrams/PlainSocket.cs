using System.Net;
using System.Net.Sockets;
using CS3103P2P.Protocol;

namespace CS3103P2P.Transport;

/// <summary>A plain UDP socket of the system.</summary>
internal sealed class PlainSocket : IPlainSocket
{
    private const int MaxDatagramBytes = 2048;
    private readonly Socket _socket;
    private readonly Action<TransportAddress, byte[]> _received;

    private PlainSocket(Socket socket, Action<TransportAddress, byte[]> received)
    {
        _socket = socket;
        _received = received;
    }

    /// <exception cref="SocketException">The system gives no more.</exception>
    public static PlainSocket Open(Action<TransportAddress, byte[]> received)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Any, 0));
            socket.Blocking = false;
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        var opened = new PlainSocket(socket, received);
        _ = opened.ReceiveAsync();
        return opened;
    }

    public void Send(TransportAddress destination, ReadOnlySpan<byte> datagram)
    {
        try
        {
            _socket.SendTo(datagram, SocketFlags.None, destination.ToIPEndPoint());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // A full buffer, no route, a closed socket: for a datagram they are all the same as loss.
        }
    }

    public void Dispose() => _socket.Dispose();

    private async Task ReceiveAsync()
    {
        byte[] buffer = new byte[MaxDatagramBytes];
        var from = new SocketAddress(AddressFamily.InterNetwork);
        while (true)
        {
            int bytes;
            try
            {
                bytes = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, from, CancellationToken.None).ConfigureAwait(false);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionRefused)
            {
                continue;   // an ICMP error about something that was sent before
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }

            var source = new TransportAddress((IPEndPoint)new IPEndPoint(IPAddress.Any, 0).Create(from));
            _received(source, buffer.AsSpan(0, bytes).ToArray());
        }
    }
}
