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
        Socket socket = SocketBinder.Bind(options.LocalAddress, SocketType.Dgram, ProtocolType.Udp, options.Logger, options.SharePort);
        try
        {
            Configure(socket, options);
            IDatagramSocket driven = Drive(socket, options);
            options.Logger.LogDebug(
                "Datagrams at {Address} ({Path}): receive buffer {ReceiveBytes}, send buffer {SendBytes} bytes.",
                driven.LocalAddress,
                driven.Description,
                socket.ReceiveBufferSize,
                socket.SendBufferSize);
            return driven;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static IDatagramSocket Drive(Socket socket, DatagramEndpointOptions options)
    {
        var fragments = new FragmentSwitch(socket, options.AllowFragments, options.Logger);
        LinuxDatagramSocket? batched = options.ForcePortableIo ? null : LinuxDatagramSocket.TryCreate(socket, fragments, options.Logger);
        return batched is not null ? batched : new PortableDatagramSocket(socket, fragments, options.Logger);
    }

    private static void Configure(Socket socket, DatagramEndpointOptions options)
    {
        socket.Blocking = false;
        socket.ReceiveBufferSize = options.ReceiveBufferBytes;
        socket.SendBufferSize = options.SendBufferBytes;
        if (OperatingSystem.IsWindows()) socket.IOControl(SioUdpConnReset, [0, 0, 0, 0], null);
    }

    /// <summary>
    /// Sets the "don't fragment" bit, so that a datagram larger than the path is lost, which path MTU discovery (RFC 8899) can see,
    /// and not cut in pieces that many NATs drop.
    /// </summary>
    // On Linux, PROBE sets the bit, and ignores the kernel's own opinion of the path, which anybody's ICMP can form.
    internal static void ForbidFragments(Socket socket, ILogger logger) => SetDontFragment(socket, true, LinuxNative.IpPmtuDiscProbe, logger);

    /// <summary>Clears the bit.</summary>
    internal static void AllowFragments(Socket socket, ILogger logger) => SetDontFragment(socket, false, LinuxNative.IpPmtuDiscDont, logger);

    private static void SetDontFragment(Socket socket, bool forbidden, int linuxMode, ILogger logger)
    {
        if (OperatingSystem.IsLinux())
        {
            int descriptor = (int)socket.Handle;
            int error = LinuxNative.TrySetOption(descriptor, LinuxNative.SolIp, LinuxNative.IpMtuDiscover, linuxMode);
            if (socket.AddressFamily == AddressFamily.InterNetworkV6)
                error |= LinuxNative.TrySetOption(descriptor, LinuxNative.SolIpv6, LinuxNative.Ipv6MtuDiscover, linuxMode);
            if (error != 0) logger.LogDebug("The kernel refuses to forbid or allow fragments (error {Error}).", error);
            return;
        }

        // The option has the same number for both families; a system that lacks one of them says so.
        TrySetDontFragment(socket, SocketOptionLevel.IP, forbidden, logger);
        if (socket.AddressFamily == AddressFamily.InterNetworkV6) TrySetDontFragment(socket, SocketOptionLevel.IPv6, forbidden, logger);
    }

    private static void TrySetDontFragment(Socket socket, SocketOptionLevel level, bool forbidden, ILogger logger)
    {
        try
        {
            socket.SetSocketOption(level, SocketOptionName.DontFragment, forbidden);
        }
        catch (SocketException e)
        {
            logger.LogDebug("The system refuses to forbid or allow {Level} fragments ({Reason}).", level, e.SocketErrorCode);
        }
    }
}
