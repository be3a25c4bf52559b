using System.Net;
using System.Net.Sockets;
using CS3103P2P.Protocol;
using CS3103P2P.Stun.Ice;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Stun.Connections;

/// <summary>Takes what an extra socket received; on the loop.</summary>
internal delegate void ExtraSocketReceived(int path, TransportAddress source, ReadOnlySpan<byte> datagram);

/// <summary>The sockets of one connection's birthday guessing. All but the receiving runs on the shared socket's loop.</summary>
internal sealed class ExtraSockets : IDisposable
{
    private const int MaxDatagramBytes = 2048;

    private readonly DatagramEndpoint _endpoint;
    private readonly ExtraSocketReceived _received;
    private readonly ILogger _logger;
    private readonly Dictionary<int, Socket> _sockets = [];

    public ExtraSockets(DatagramEndpoint endpoint, ExtraSocketReceived received, ILogger logger)
    {
        _endpoint = endpoint;
        _received = received;
        _logger = logger;
    }

    /// <summary>Opens sockets; fewer when the system gives no more.</summary>
    /// <returns>How many.</returns>
    public int Open(int count)
    {
        try
        {
            for (int i = 0; i < count; i++)
            {
                int path = IcePaths.FirstExtraSocket + i;
                if (_sockets.ContainsKey(path)) continue;
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
                socket.Bind(new IPEndPoint(IPAddress.Any, 0));
                socket.Blocking = false;
                _sockets.Add(path, socket);
                Observe(ReceiveAsync(path, socket));
            }
        }
        catch (SocketException e)
        {
            _logger.LogDebug("Only {Count} sockets for guessing ports ({Reason}).", _sockets.Count, e.SocketErrorCode);
        }

        return _sockets.Count;
    }

    /// <summary>Sends by one of them; what cannot be sent is lost, as on any path.</summary>
    public void Send(int path, TransportAddress destination, ReadOnlySpan<byte> datagram)
    {
        if (!_sockets.TryGetValue(path, out Socket? socket)) return;
        try
        {
            socket.SendTo(datagram, SocketFlags.None, destination.ToIPEndPoint());
        }
        catch (SocketException e)
        {
            _logger.LogTrace("An extra socket did not send ({Reason}).", e.SocketErrorCode);
        }
    }

    /// <summary>Closes all but those that are still wanted.</summary>
    public void CloseExcept(Predicate<int> isWanted)
    {
        foreach ((int path, Socket socket) in _sockets.Where(s => !isWanted(s.Key)).ToArray())
        {
            _sockets.Remove(path);
            socket.Dispose();
        }
    }

    public void Dispose() => CloseExcept(static _ => false);

    private async Task ReceiveAsync(int path, Socket socket)
    {
        byte[] buffer = new byte[MaxDatagramBytes];
        var from = new SocketAddress(AddressFamily.InterNetwork);
        while (true)
        {
            int bytes;
            try
            {
                bytes = await socket.ReceiveFromAsync(buffer, SocketFlags.None, from, CancellationToken.None).ConfigureAwait(false);
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
            byte[] datagram = buffer.AsSpan(0, bytes).ToArray();
            if (!_endpoint.TryPost(() => _received(path, source, datagram))) return;
        }
    }

    private void Observe(Task receiving) => receiving.ContinueWith(
        task => _logger.LogError(task.Exception, "Receiving on an extra socket ended."),
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted,
        TaskScheduler.Default);
}
