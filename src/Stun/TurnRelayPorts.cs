using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using CS3103P2P.Protocol;

namespace CS3103P2P.Stun;

/// <summary>The relayed addresses of a <see cref="TurnServer"/>: one UDP socket each, on random ports (RFC 8656 §7.2).</summary>
internal sealed class TurnRelayPorts(TurnListenOptions options, TurnDatagramReceived received) : ITurnRelayPorts, IAsyncDisposable
{
    private const int MaxAttempts = 32;

    private readonly ConcurrentDictionary<int, TurnUdpSocket> _sockets = new();

    public bool Supports(bool wantIPv6) => (wantIPv6 ? options.RelayAddressIPv6 : options.RelayAddress) is not null;

    public bool TryGet(int allocationId, out TurnUdpSocket? socket) => _sockets.TryGetValue(allocationId, out socket);

    public bool TryOpen(int allocationId, bool wantIPv6, bool evenPort, out TransportAddress relayed)
    {
        relayed = default;
        IPAddress? local = wantIPv6 ? options.RelayAddressIPv6 : options.RelayAddress;
        if (local is null) return false;
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (!TryBind(new IPEndPoint(local, PickPort(evenPort)), allocationId, out TurnUdpSocket? socket)) continue;
            if (evenPort && (socket!.LocalAddress.Port & 1) != 0)
            {
                socket.Close();
                continue;
            }

            _sockets[allocationId] = socket!;
            relayed = socket!.LocalAddress;
            if (!wantIPv6 && options.PublicAddress is { } shown) relayed = new TransportAddress(shown, relayed.Port);
            socket.Start(received);
            return true;
        }

        return false;
    }

    public void Close(int allocationId)
    {
        if (_sockets.TryRemove(allocationId, out TurnUdpSocket? socket)) socket.Close();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (TurnUdpSocket socket in _sockets.Values) await socket.DisposeAsync().ConfigureAwait(false);
    }

    private int PickPort(bool evenPort)
    {
        if (options.FirstRelayPort == 0) return 0;
        int port = RandomNumberGenerator.GetInt32(options.FirstRelayPort, options.LastRelayPort + 1);
        return evenPort ? port & ~1 : port;
    }

    private static bool TryBind(IPEndPoint address, int id, out TurnUdpSocket? socket)
    {
        try
        {
            socket = TurnUdpSocket.Bind(address, id);
            return true;
        }
        catch (SocketException)
        {
            socket = null;   // taken; another port is tried
            return false;
        }
    }
}
