using System.Net.NetworkInformation;
using CS3103P2P.Protocol;
using CS3103P2P.Stun.Ice;

namespace CS3103P2P.Stun.Connections;

/// <summary>The addresses of this machine's interfaces, with their networks.</summary>
internal static class LocalNetworks
{
    /// <summary>More than any machine has; the rest is left out.</summary>
    private const int MaxAddresses = 16;

    /// <summary>Reads the interfaces.</summary>
    /// <param name="bound">The socket's address; a definite one is the only one that counts.</param>
    /// <param name="allowLoopback">Whether addresses of this machine alone count.</param>
    public static List<IceSubnet> Read(TransportAddress bound, bool allowLoopback)
    {
        try
        {
            IEnumerable<IceSubnet> all =
                from card in NetworkInterface.GetAllNetworkInterfaces()
                where card.OperationalStatus == OperationalStatus.Up
                from unicast in card.GetIPProperties().UnicastAddresses
                where !unicast.Address.IsIPv6LinkLocal && !unicast.Address.IsIPv6Multicast
                let address = new TransportAddress(unicast.Address, bound.Port)
                where allowLoopback || !address.IsLoopback
                where bound.IsUnspecified ? !bound.IsIPv4 || address.IsIPv4 : bound == address
                select new IceSubnet(address, unicast.PrefixLength);
            List<IceSubnet> networks = [.. all.Take(MaxAddresses)];
            return networks.Count > 0 ? networks : WithoutInterfaces(bound);
        }
        catch (NetworkInformationException)
        {
            return WithoutInterfaces(bound);
        }
    }

    // The system does not tell; a bound address is an address all the same, in a network of the usual size.
    private static List<IceSubnet> WithoutInterfaces(TransportAddress bound) =>
        bound.IsUnspecified ? [] : [new IceSubnet(bound, bound.IsIPv4 ? 24 : 64)];
}
