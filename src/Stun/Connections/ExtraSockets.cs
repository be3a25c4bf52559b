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
    private readonly DatagramEndpoint _endpoint;
    private readonly ExtraSocketReceived _received;
    private readonly ILogger _logger;
    private readonly Dictionary<int, IPlainSocket> _sockets = [];

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
                _sockets.Add(path, _endpoint.Network.OpenPlain((source, datagram) => _endpoint.TryPost(() => _received(path, source, datagram))));
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
        if (_sockets.TryGetValue(path, out IPlainSocket? socket)) socket.Send(destination, datagram);
    }

    /// <summary>Closes all but those that are still wanted.</summary>
    public void CloseExcept(Predicate<int> isWanted)
    {
        foreach ((int path, IPlainSocket socket) in _sockets.Where(s => !isWanted(s.Key)).ToArray())
        {
            _sockets.Remove(path);
            socket.Dispose();
        }
    }

    public void Dispose() => CloseExcept(static _ => false);
}
