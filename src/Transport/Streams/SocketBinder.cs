using System.Net;
using System.Net.Sockets;
using CS3103P2P.Protocol;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Transport;

/// <summary>Binds sockets of both IP families where the system has both.</summary>
internal static class SocketBinder
{
    /// <summary>Makes a bound socket: for <c>[::]</c> a dual-stack one, or IPv4 where there is no IPv6; otherwise of the address's own family.</summary>
    public static Socket Bind(TransportAddress local, SocketType type, ProtocolType protocol, ILogger logger, bool sharePort = false)
    {
        bool anyAddress = local.AddressBits == UInt128.Zero;
        if (!local.IsIPv4 && (Socket.OSSupportsIPv6 || !anyAddress))
        {
            Socket? dual = TryBindV6(local.ToIPEndPoint(), type, protocol, mayFallBack: anyAddress, logger, sharePort);
            if (dual is not null) return dual;
        }

        IPAddress address = anyAddress ? IPAddress.Any : local.ToIPAddress();
        return BindOrDispose(new Socket(AddressFamily.InterNetwork, type, protocol), new IPEndPoint(address, local.Port), sharePort);
    }

    // A kernel may offer IPv6 sockets and yet have no IPv6 (switched off by sysctl, or in a container): then binding says so.
    private static Socket? TryBindV6(IPEndPoint local, SocketType type, ProtocolType protocol, bool mayFallBack, ILogger logger, bool sharePort)
    {
        try
        {
            return BindOrDispose(new Socket(AddressFamily.InterNetworkV6, type, protocol) { DualMode = true }, local, sharePort);
        }
        catch (SocketException e) when (mayFallBack && e.SocketErrorCode is
            SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported or SocketError.ProtocolNotSupported)
        {
            logger.LogInformation("No IPv6 here ({Reason}); IPv4 alone.", e.SocketErrorCode);
            return null;
        }
    }

    private static Socket BindOrDispose(Socket socket, IPEndPoint local, bool sharePort)
    {
        try
        {
            if (sharePort) LinuxNative.TrySetOption((int)socket.Handle, LinuxNative.SolSocket, LinuxNative.SoReusePort, 1);
            socket.Bind(local);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
