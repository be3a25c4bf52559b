using System.Net;
using System.Net.Sockets;
using CS3103P2P.Protocol;
using CS3103P2P.Stun.PortMapping;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Stun.Mapper;

/// <summary>The sockets of one <see cref="PortMapperSession"/>: to the IPv4 router, to the IPv6 router, and one for announcements.</summary>
internal sealed class MapperSockets : IDisposable
{
    private const int AnnouncementPort = 5350; // routers tell everybody of a restart: RFC 6886 §3.2.1, RFC 6887 §14.1.3
    private const int SsdpHops = 2; // UPnP Device Architecture 1.1 §1.3.2
    private const int ReceiveBytes = 2048;
    private readonly Socket _v4;
    private readonly Socket? _v6;
    private readonly Socket? _announcements;
    private readonly ILogger _logger;

    public MapperSockets(MappingPlan plan, ILogger logger)
    {
        _logger = logger;
        _v4 = Bind(plan.Client.WithPort(0));
        _v4.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastTimeToLive, SsdpHops);
        _v4.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, plan.Client.ToIPAddress().GetAddressBytes());
        try
        {
            _v6 = plan.Client6 is { } client6 ? Bind(client6.WithPort(0)) : null;
            _announcements = Bind(TransportAddress.FromIPv4(0, AnnouncementPort), shared: true);
        }
        catch (SocketException failure)
        {
            logger.LogDebug("Port mapping goes on without IPv6 or without announcements: {Reason}", failure.SocketErrorCode);
        }
    }

    /// <summary>Sends; a failure is logged and otherwise is a lost datagram, which the machines repeat.</summary>
    public void Send(ReadOnlySpan<byte> datagram, TransportAddress destination)
    {
        Socket? socket = destination.IsIPv4 ? _v4 : _v6;
        try
        {
            socket?.SendTo(datagram, destination.ToIPEndPoint());
        }
        catch (SocketException failure)
        {
            _logger.LogDebug("Sending to {Destination} failed: {Reason}", destination, failure.SocketErrorCode);
        }
    }

    /// <summary>Receives on all sockets until cancelled.</summary>
    public Task ReceiveAsync(Func<MapperInput, CancellationToken, ValueTask> deliver, CancellationToken cancellationToken)
    {
        IEnumerable<Socket> sockets = new[] { _v4, _v6, _announcements }.OfType<Socket>();
        return Task.WhenAll(sockets.Select(socket => ReceiveAsync(socket, deliver, cancellationToken)));
    }

    public void Dispose()
    {
        _v4.Dispose();
        _v6?.Dispose();
        _announcements?.Dispose();
    }

    private static Socket Bind(TransportAddress local, bool shared = false)
    {
        var socket = new Socket(local.IsIPv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (shared) socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(local.ToIPEndPoint());
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task ReceiveAsync(Socket socket, Func<MapperInput, CancellationToken, ValueTask> deliver, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[ReceiveBytes];
        var any = new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (true)
        {
            try
            {
                SocketReceiveFromResult result = await socket.ReceiveFromAsync(buffer, any, cancellationToken).ConfigureAwait(false);
                var source = new TransportAddress((IPEndPoint)result.RemoteEndPoint);
                await deliver(new MapperInput.Datagram(source, buffer[..result.ReceivedBytes]), cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException failure)
            {
                // "Port unreachable" from a router without PCP arrives here on the next call; the socket itself is well.
                if (failure.SocketErrorCode is SocketError.OperationAborted or SocketError.Interrupted or SocketError.NotSocket) return;
                _logger.LogTrace("Receiving failed: {Reason}", failure.SocketErrorCode);
            }
        }
    }
}
