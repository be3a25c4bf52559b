using System.Net;
using System.Net.Sockets;
using CS3103P2P.Protocol;

namespace CS3103P2P.Stun;

/// <summary>The addresses that a bound socket has inside the local network.</summary>
internal static class LocalAddresses
{
    /// <summary>The bound address when it is a definite one, else the addresses from which the system sends to these servers.</summary>
    public static IReadOnlyList<TransportAddress> Toward(IEnumerable<TransportAddress> servers, TransportAddress bound)
    {
        if (!bound.IsUnspecified) return [bound];
        return [.. servers.Select(s => SourceToward(s)?.WithPort(bound.Port)).OfType<TransportAddress>().Distinct()];
    }

    // Connecting a UDP socket sends nothing; it only looks up the route.
    private static TransportAddress? SourceToward(TransportAddress server)
    {
        try
        {
            IPEndPoint remote = server.ToIPEndPoint();
            using var probe = new Socket(remote.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            probe.Connect(remote);
            return probe.LocalEndPoint is IPEndPoint local ? new TransportAddress(local) : null;
        }
        catch (SocketException)
        {
            return null;   // no route; the server's silence will show it
        }
    }
}
