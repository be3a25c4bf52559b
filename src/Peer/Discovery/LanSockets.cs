using System.Net;
using System.Net.Sockets;
using CS3103P2P.Peer.Discovery.Mdns;
using CS3103P2P.Protocol;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Peer.Discovery;

/// <summary>The mDNS sockets: one for IPv4, one for IPv6, each in the group on every link, sharing port 5353 with other responders.</summary>
internal sealed class LanSockets : IDisposable
{
    private const int ReceiveBytes = 9000; // RFC 6762 §17
    private const int Hops = 255; // §11
    private static readonly IPEndPoint Group4 = new(IPAddress.Parse("224.0.0.251"), MdnsService.Port);
    private static readonly IPEndPoint Group6 = new(IPAddress.Parse("ff02::fb"), MdnsService.Port);
    private readonly Socket? _v4;
    private readonly Socket? _v6;
    private readonly ILogger _logger;

    public LanSockets(ILogger logger)
    {
        _logger = logger;
        _v4 = TryOpen(AddressFamily.InterNetwork);
        _v6 = TryOpen(AddressFamily.InterNetworkV6);
    }

    public bool IsOpen => _v4 is not null || _v6 is not null;

    /// <summary>Enters the groups on a link. Being in already is no error: the same link with other addresses.</summary>
    public void Join(MdnsLink link)
    {
        try
        {
            if (link.Prefixes.Any(prefix => prefix.Address.IsIPv4))
                _v4?.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(Group4.Address, (int)link.InterfaceIndex));
        }
        catch (SocketException failure)
        {
            _logger.LogDebug("Joining IPv4 mDNS on interface {Index}: {Reason}", link.InterfaceIndex, failure.SocketErrorCode);
        }

        try
        {
            if (link.Prefixes.Any(prefix => !prefix.Address.IsIPv4))
                _v6?.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.AddMembership, new IPv6MulticastOption(Group6.Address, link.InterfaceIndex));
        }
        catch (SocketException failure)
        {
            _logger.LogDebug("Joining IPv6 mDNS on interface {Index}: {Reason}", link.InterfaceIndex, failure.SocketErrorCode);
        }
    }

    /// <summary>Sends to one host, or to the groups on the link. A failure is a lost datagram.</summary>
    public void Send(MdnsLink link, TransportAddress? destination, ReadOnlySpan<byte> datagram)
    {
        if (destination is { } host)
        {
            TrySend(host.IsIPv4 ? _v4 : _v6, host.ToIPEndPoint(), datagram);
            return;
        }

        bool v4 = link.Prefixes.Any(prefix => prefix.Address.IsIPv4);
        bool v6 = link.Prefixes.Any(prefix => !prefix.Address.IsIPv4);
        if (v4) TrySend(_v4, Group4, datagram, link);
        if (v6) TrySend(_v6, Group6, datagram, link);
    }

    /// <summary>Receives on all sockets until cancelled.</summary>
    public Task ReceiveAsync(Func<LanInput, CancellationToken, ValueTask> deliver, CancellationToken cancellationToken) =>
        Task.WhenAll(new[] { _v4, _v6 }.OfType<Socket>().Select(socket => ReceiveAsync(socket, deliver, cancellationToken)));

    public void Dispose()
    {
        _v4?.Dispose();
        _v6?.Dispose();
    }

    private Socket? TryOpen(AddressFamily family)
    {
        bool v4 = family == AddressFamily.InterNetwork;
        SocketOptionLevel level = v4 ? SocketOptionLevel.IP : SocketOptionLevel.IPv6;
        Socket? socket = null;
        try
        {
            socket = new Socket(family, SocketType.Dgram, ProtocolType.Udp);
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            if (!v4) socket.DualMode = false;
            socket.SetSocketOption(level, SocketOptionName.PacketInformation, true);
            socket.SetSocketOption(level, SocketOptionName.MulticastTimeToLive, Hops);
            socket.SetSocketOption(level, SocketOptionName.MulticastLoopback, true);
            if (v4) socket.Ttl = Hops;
            socket.Bind(new IPEndPoint(v4 ? IPAddress.Any : IPAddress.IPv6Any, MdnsService.Port));
            return socket;
        }
        catch (SocketException failure)
        {
            _logger.LogDebug("No mDNS over {Family}: {Reason}", family, failure.SocketErrorCode);
            socket?.Dispose();
            return null;
        }
    }

    private void TrySend(Socket? socket, IPEndPoint destination, ReadOnlySpan<byte> datagram, MdnsLink? link = null)
    {
        try
        {
            if (socket is null) return;
            if (link is not null) SelectLink(socket, link);
            socket.SendTo(datagram, destination);
        }
        catch (SocketException failure)
        {
            _logger.LogDebug("Sending mDNS to {Destination}: {Reason}", destination, failure.SocketErrorCode);
        }
    }

    private static void SelectLink(Socket socket, MdnsLink link)
    {
        bool v4 = socket.AddressFamily == AddressFamily.InterNetwork;
        int index = (int)link.InterfaceIndex;
        if (v4) socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, IPAddress.HostToNetworkOrder(index));
        else socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastInterface, index);
    }

    private async Task ReceiveAsync(Socket socket, Func<LanInput, CancellationToken, ValueTask> deliver, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[ReceiveBytes];
        var any = new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (true)
        {
            try
            {
                SocketReceiveMessageFromResult result = await socket.ReceiveMessageFromAsync(buffer, any, cancellationToken).ConfigureAwait(false);
                var source = new TransportAddress((IPEndPoint)result.RemoteEndPoint);
                byte[] bytes = buffer[..result.ReceivedBytes];
                await deliver(new LanInput.Datagram((uint)result.PacketInformation.Interface, source, bytes), cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException failure)
            {
                if (failure.SocketErrorCode is SocketError.OperationAborted or SocketError.Interrupted or SocketError.NotSocket) return;
                _logger.LogTrace("Receiving mDNS: {Reason}", failure.SocketErrorCode);
            }
        }
    }
}
