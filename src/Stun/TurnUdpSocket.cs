using System.Net;
using System.Net.Sockets;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun;

/// <summary>Takes a datagram; its bytes are valid only during the call.</summary>
internal delegate void TurnDatagramReceived(TurnUdpSocket socket, TransportAddress source, ReadOnlySpan<byte> datagram);

/// <summary>
/// A UDP socket of a TURN server. Relays have hundreds of them with little traffic each, so they share the pool's threads instead of having a loop thread
/// of their own as <see cref="DatagramEndpoint"/> has.
/// </summary>
internal sealed class TurnUdpSocket : IAsyncDisposable
{
    private const int ClientBufferBytes = 64 << 10;
    private const int RelayBufferBytes = 4 << 10;   // more than a path on the Internet carries unfragmented; there may be thousands
    private const int KernelBufferBytes = 1 << 20;
    private const int MaxErrorsInARow = 1000;

    private readonly Socket _socket;
    private readonly bool _isV6;
    private readonly CancellationTokenSource _stopping = new();
    private Task _receiving = Task.CompletedTask;

    private TurnUdpSocket(Socket socket, int id)
    {
        _socket = socket;
        _isV6 = socket.AddressFamily == AddressFamily.InterNetworkV6;
        Id = id;
        LocalAddress = new TransportAddress((IPEndPoint)socket.LocalEndPoint!);
    }

    /// <summary>The allocation; 0 for the socket that clients speak to.</summary>
    public int Id { get; }

    public TransportAddress LocalAddress { get; }

    /// <exception cref="SocketException">The address cannot be bound.</exception>
    public static TurnUdpSocket Bind(IPEndPoint address, int id)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (address.AddressFamily == AddressFamily.InterNetworkV6) socket.DualMode = address.Address.Equals(IPAddress.IPv6Any);
            socket.Blocking = false;
            socket.ReceiveBufferSize = KernelBufferBytes;
            socket.Bind(address);
            return new TurnUdpSocket(socket, id);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Begins to receive.</summary>
    public void Start(TurnDatagramReceived received) => _receiving = ReceiveAsync(received, _stopping.Token);

    /// <summary>Sends a datagram; what the kernel does not take at once is lost, as on any path.</summary>
    public void Send(TransportAddress destination, ReadOnlySpan<byte> datagram)
    {
        SocketAddress address = SocketAddressCodec.Create(_socket.AddressFamily);
        if (!SocketAddressCodec.TryWrite(destination, _isV6, address.Buffer.Span)) return;
        try
        {
            _socket.SendTo(datagram, SocketFlags.None, address);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // A full buffer, an unreachable host, a closed socket: for a datagram they are all the same as loss.
        }
    }

    /// <summary>Closes the socket; harmless from within the callback, as nothing is waited for there.</summary>
    public void Close()
    {
        _stopping.Cancel();
        _socket.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        Close();
        await _receiving.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task ReceiveAsync(TurnDatagramReceived received, CancellationToken stopping)
    {
        await Task.Yield();
        byte[] buffer = new byte[Id == 0 ? ClientBufferBytes : RelayBufferBytes];
        SocketAddress source = SocketAddressCodec.Create(_socket.AddressFamily);
        for (int errors = 0; errors < MaxErrorsInARow && !stopping.IsCancellationRequested;)
        {
            try
            {
                int bytes = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, source, stopping).ConfigureAwait(false);
                errors = 0;
                received(this, SocketAddressCodec.Read(source.Buffer.Span, _isV6), buffer.AsSpan(0, bytes));
            }
            catch (SocketException)
            {
                errors++;   // an ICMP error that the system reports here; the next datagram may well come
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
