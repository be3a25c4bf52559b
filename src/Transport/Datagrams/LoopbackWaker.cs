using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Transport;

/// <summary>
/// Ends a <see cref="Socket.Select(System.Collections.IList?, System.Collections.IList?, System.Collections.IList?, int)"/> from another thread:
/// a loopback UDP socket connected to itself, so that nobody else can reach it.
/// </summary>
internal sealed class LoopbackWaker : IDisposable
{
    private const int MaxSignalsCleared = 64;
    private readonly ILogger _logger;

    public LoopbackWaker(ILogger logger)
    {
        _logger = logger;
        Socket = Socket.OSSupportsIPv4 ? Connect(IPAddress.Loopback) : Connect(IPAddress.IPv6Loopback);
    }

    /// <summary>Readable once signalled.</summary>
    public Socket Socket { get; }

    /// <summary>Makes <see cref="Socket"/> readable. Thread-safe; harmless after disposal.</summary>
    public void Signal()
    {
        try
        {
            Socket.Send([1]);
        }
        catch (SocketException e)
        {
            // A full buffer means that a signal is already waiting.
            if (e.SocketErrorCode != SocketError.WouldBlock) _logger.LogWarning("Waking the datagram loop failed: {Reason}.", e.SocketErrorCode);
        }
        catch (ObjectDisposedException)
        {
            _logger.LogDebug("The datagram loop had ended before it could be woken.");
        }
    }

    /// <summary>Takes the signals back.</summary>
    public void Clear()
    {
        Span<byte> signal = stackalloc byte[4];
        for (int i = 0; i < MaxSignalsCleared && Socket.Poll(0, SelectMode.SelectRead); i++) Socket.Receive(signal);
    }

    public void Dispose() => Socket.Dispose();

    private static Socket Connect(IPAddress loopback)
    {
        var socket = new Socket(loopback.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(loopback, 0));
            socket.Connect(socket.LocalEndPoint!);
            socket.Blocking = false;
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
