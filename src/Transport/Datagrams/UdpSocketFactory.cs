using System.Net.Sockets;

namespace CS3103P2P.Transport;

/// <summary>Makes and binds the UDP socket of an endpoint, and picks how it is driven.</summary>
internal static class UdpSocketFactory
{
    // SIO_UDP_CONNRESET (Windows): 0 stops an ICMP "port unreachable" from failing the next receive.
    private const int SioUdpConnReset = unchecked((int)0x9800000C);

    public static IDatagramSocket Bind(DatagramEndpointOptions options)
    {
        Socket socket = SocketBinder.Bind(options.LocalAddress, SocketType.Dgram, ProtocolType.Udp, options.Logger);
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

    private static void Configure(Socket socket, DatagramEndpointOptions options)
    {
        socket.Blocking = false;
        socket.ReceiveBufferSize = options.ReceiveBufferBytes;
        socket.SendBufferSize = options.SendBufferBytes;
        if (OperatingSystem.IsWindows()) socket.IOControl(SioUdpConnReset, [0, 0, 0, 0], null);
    }
}
