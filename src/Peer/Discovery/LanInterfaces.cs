using System.Net.NetworkInformation;
using System.Net.Sockets;
using CS3103P2P.Peer.Discovery.Mdns;
using CS3103P2P.Protocol;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Peer.Discovery;

/// <summary>Lists the interfaces on which there can be neighbours.</summary>
internal static class LanInterfaces
{
    private const int MaxLinks = 16;

    /// <summary>Lists them; false when the system does not tell now, because interfaces come and go while they are read: what was known stays.</summary>
    public static bool TryFind(bool loopback, ILogger logger, out IReadOnlyList<MdnsLink> links)
    {
        try
        {
            links = [.. NetworkInterface.GetAllNetworkInterfaces().Where(network => IsUsable(network, loopback)).Select(Describe).OfType<MdnsLink>().Take(MaxLinks)];
            return true;
        }
        catch (Exception failure) when (failure is NetworkInformationException or IOException or UnauthorizedAccessException)
        {
            logger.LogDebug("Listing the network interfaces: {Reason}", failure.Message);
            links = [];
            return false;
        }
    }

    private static bool IsUsable(NetworkInterface network, bool loopback) => network.NetworkInterfaceType switch
    {
        NetworkInterfaceType.Loopback => loopback,
        NetworkInterfaceType.Ppp or NetworkInterfaceType.Tunnel => false,
        _ => network.SupportsMulticast && network.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown,
    };

    private static MdnsLink? Describe(NetworkInterface network)
    {
        IPInterfaceProperties properties = network.GetIPProperties();
        MdnsPrefix[] prefixes =
        [
            .. properties.UnicastAddresses
                .Where(unicast => unicast.Address.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6)
                .Select(unicast => new MdnsPrefix(new TransportAddress(unicast.Address, 0), unicast.PrefixLength))
                .OrderByDescending(prefix => prefix.Address.IsIPv4)
                .ThenBy(prefix => prefix.Address.AddressBits),
        ];
        return prefixes.Length == 0 ? null : new MdnsLink(IndexOf(network, properties), prefixes);
    }

    private static uint IndexOf(NetworkInterface network, IPInterfaceProperties properties) => (uint)(network.Supports(NetworkInterfaceComponent.IPv4)
        ? properties.GetIPv4Properties().Index
        : properties.GetIPv6Properties().Index);
}
