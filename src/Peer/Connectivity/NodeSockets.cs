using System.Net;
using System.Net.Sockets;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>The UDP socket and the TCP listener of a node, on the same port number.</summary>
internal sealed class NodeSockets : IAsyncDisposable
{
    private const int MaxTries = 30;

    private NodeSockets(DatagramEndpoint udp, TcpTransport? tcp)
    {
        Udp = udp;
        Tcp = tcp;
    }

    public DatagramEndpoint Udp { get; }

    /// <summary>Null on a platform without TCP.</summary>
    public TcpTransport? Tcp { get; }

    /// <summary>Opens both. With port 0 the system chooses, as often as it takes until the number is free for both.</summary>
    /// <exception cref="P2PException">The port is in use, or the address is not this machine's.</exception>
    public static async Task<NodeSockets> OpenAsync(PeerNodeOptions options, ILogger logger)
    {
        TransportAddress wanted = new(options.ListenAddress ?? IPAddress.IPv6Any, options.Port);
        for (int attempt = 1; ; attempt++)
        {
            DatagramEndpoint? udp = null;
            try
            {
                udp = options.Platform.Network.Bind(new DatagramEndpointOptions { LocalAddress = wanted, TimeProvider = options.TimeProvider, Logger = logger });
                TcpTransport? tcp = options.Platform.HasTcp
                    ? TcpTransport.Listen(wanted.WithPort(udp.LocalAddress.Port), logger, options.TimeProvider)
                    : null;
                return new NodeSockets(udp, tcp);
            }
            catch (SocketException e)
            {
                if (udp is not null) await udp.DisposeAsync().ConfigureAwait(false);
                if (options.Port == 0 && udp is not null && attempt < MaxTries) continue;
                throw new P2PException(P2PErrorReason.PortUnavailable, $"{wanted} cannot be opened: {e.Message}.", e);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Tcp is not null) await Tcp.DisposeAsync().ConfigureAwait(false);
        await Udp.DisposeAsync().ConfigureAwait(false);
    }
}
