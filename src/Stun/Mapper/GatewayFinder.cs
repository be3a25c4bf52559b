using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.Mapper;

/// <summary>Finds the default router.</summary>
internal static class GatewayFinder
{
    // Connecting a UDP socket sends nothing; it only makes the system choose a route and a source address. Any global address will do.
    private static readonly IPEndPoint Outside = new(IPAddress.Parse("198.51.100.1"), 9);
    private static readonly IPEndPoint Outside6 = new(IPAddress.Parse("2001:db8::1"), 9);

    /// <summary>The IPv4 default route, with the IPv6 one where there is one; null without IPv4.</summary>
    public static GatewayRoute? Find()
    {
        try
        {
            if (FindFor(Outside) is not { } v4) return null;
            return FindFor(Outside6) is { } v6 ? new GatewayRoute(v4.Client, v4.Gateway, v6.Client, v6.Gateway) : new GatewayRoute(v4.Client, v4.Gateway);
        }
        catch (NetworkInformationException)
        {
            return null; // the system does not tell; the same as having no router
        }
    }

    private static (TransportAddress Client, TransportAddress Gateway)? FindFor(IPEndPoint outside)
    {
        if (SourceFor(outside) is not { } source) return null;
        foreach (NetworkInterface network in NetworkInterface.GetAllNetworkInterfaces())
        {
            if (network.OperationalStatus is not (OperationalStatus.Up or OperationalStatus.Unknown)) continue;
            IPInterfaceProperties properties = network.GetIPProperties();
            if (!properties.UnicastAddresses.Any(unicast => unicast.Address.Equals(source))) continue;
            IPAddress? gateway = properties.GatewayAddresses
                .Select(entry => entry.Address)
                .FirstOrDefault(address => address.AddressFamily == source.AddressFamily && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any));
            if (gateway is null) continue;
            if (gateway.IsIPv6LinkLocal && gateway.ScopeId == 0) gateway = new IPAddress(gateway.GetAddressBytes(), properties.GetIPv6Properties().Index);
            return (new TransportAddress(source, 0), new TransportAddress(gateway, 0));
        }

        return null;
    }

    private static IPAddress? SourceFor(IPEndPoint outside)
    {
        try
        {
            using var socket = new Socket(outside.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(outside);
            return ((IPEndPoint)socket.LocalEndPoint!).Address;
        }
        catch (SocketException)
        {
            return null; // no route of this family
        }
    }
}
