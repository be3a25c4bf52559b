using System.Net.NetworkInformation;
using CS3103P2P.Protocol;

namespace CS3103P2P.Stun;

/// <summary>The addresses by which a bound socket is reached inside the local network.</summary>
internal static class LocalAddresses
{
    /// <summary>More than any machine has; the rest is left out.</summary>
    private const int MaxAddresses = 64;

    /// <summary>The address itself when it is a definite one, else those of all interfaces that are up, with its port.</summary>
    public static IReadOnlyList<TransportAddress> Of(TransportAddress bound)
    {
        if (!bound.IsUnspecified) return [bound];
        try
        {
            return
            [
                .. NetworkInterface.GetAllNetworkInterfaces()
                    .Where(i => i.OperationalStatus == OperationalStatus.Up)
                    .SelectMany(i => i.GetIPProperties().UnicastAddresses)
                    .Take(MaxAddresses)
                    .Select(u => new TransportAddress(u.Address, bound.Port)),
            ];
        }
        catch (NetworkInformationException)
        {
            return [];   // the system does not tell; then "no NAT" reads as "endpoint-independent"
        }
    }
}
