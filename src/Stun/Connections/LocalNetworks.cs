using CS3103P2P.Protocol;
using CS3103P2P.Stun.Ice;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Connections;

/// <summary>The addresses of this machine's interfaces, with their networks.</summary>
internal static class LocalNetworks
{
    /// <summary>More than any machine has; the rest is left out.</summary>
    private const int MaxAddresses = 16;

    /// <summary>Reads the interfaces.</summary>
    /// <param name="network">The machine.</param>
    /// <param name="bound">The socket's address; a definite one is the only one that counts.</param>
    /// <param name="allowLoopback">Whether addresses of this machine alone count.</param>
    public static List<IceSubnet> Read(IHostNetwork network, TransportAddress bound, bool allowLoopback)
    {
        IEnumerable<IceSubnet> all =
            from own in network.ReadAddresses()
            let address = own.Address.WithPort(bound.Port)
            where allowLoopback || !address.IsLoopback
            where bound.IsUnspecified ? !bound.IsIPv4 || address.IsIPv4 : bound == address
            select new IceSubnet(address, own.PrefixLength);
        List<IceSubnet> networks = [.. all.Take(MaxAddresses)];
        return networks.Count > 0 ? networks : WithoutInterfaces(bound);
    }

    // The system does not tell; a bound address is an address all the same, in a network of the usual size.
    private static List<IceSubnet> WithoutInterfaces(TransportAddress bound) =>
        bound.IsUnspecified ? [] : [new IceSubnet(bound, bound.IsIPv4 ? 24 : 64)];
}
