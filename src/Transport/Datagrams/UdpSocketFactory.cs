using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Transport;

/// <summary>Makes and binds the UDP socket of an endpoint, and picks how it is driven.</summary>
internal static class UdpSocketFactory
{
    // SIO_UDP_CONNRESET (Windows): 0 stops an ICMP "port unreachable" from failing the next receive.
    private const int SioUdpConnReset = unchecked((int)0x9800000C);

    public static IDatagramSocket Bind(DatagramEndpointOptions options)
    {
        Socket socket = CreateBound(options);
        try
        {
            Configure(socket, options);
            return new PortableDatagramSocket(socket, options.Logger);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static Socket CreateBound(DatagramEndpointOptions options)
    {
        bool anyAddress = options.LocalAddress.AddressBits == UInt128.Zero;
        bool v6 = !options.LocalAddress.IsIPv4 && (Socket.OSSupportsIPv6 || !anyAddress);
        if (v6)
        {
            Socket? dual = TryCreateV6(options, mayFallBack: anyAddress);
            if (dual is not null) return dual;
        }

        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(anyAddress ? IPAddress.Any : options.LocalAddress.ToIPAddress(), options.LocalAddress.Port));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // A kernel may offer IPv6 sockets and yet have no IPv6 (disabled by sysctl, or by a container): then binding says so.
    private static Socket? TryCreateV6(DatagramEndpointOptions options, bool mayFallBack)
    {
        Socket? socket = null;
        try
        {
            socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp) { DualMode = true };
            socket.Bind(options.LocalAddress.ToIPEndPoint());
            return socket;
        }
        catch (SocketException e) when (mayFallBack && e.SocketErrorCode is not SocketError.AddressAlreadyInUse and not SocketError.AccessDenied)
        {
            socket?.Dispose();
            options.Logger.LogInformation("No IPv6 for datagrams ({Reason}); IPv4 alone.", e.SocketErrorCode);
            return null;
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }

    private static void Configure(Socket socket, DatagramEndpointOptions options)
    {
        socket.Blocking = false;
        socket.ReceiveBufferSize = options.ReceiveBufferBytes;
        socket.SendBufferSize = options.SendBufferBytes;
        if (OperatingSystem.IsWindows()) socket.IOControl(SioUdpConnReset, [0, 0, 0, 0], null);
    }
}
