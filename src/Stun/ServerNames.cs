using System.Net;
using System.Net.Sockets;
using CS3103P2P.Protocol;

namespace CS3103P2P.Stun;

/// <summary>Turns <c>host[:port]</c> into addresses by the system's resolver.</summary>
internal static class ServerNames
{
    /// <summary>Longest name that DNS allows, with a port behind it.</summary>
    private const int MaxLength = 255 + 6;

    /// <summary>The addresses, IPv4 first; none when the text or the name is bad.</summary>
    public static async Task<IReadOnlyList<TransportAddress>> ResolveAsync(
        string server, ushort defaultPort, int maxAddresses, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(server);
        if (TransportAddress.TryParse(server, defaultPort, out TransportAddress literal)) return [literal];
        if (!TrySplit(server, defaultPort, out string host, out ushort port)) return [];
        try
        {
            IPAddress[] found = await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);
            return [.. found.OrderBy(a => a.AddressFamily != AddressFamily.InterNetwork).Take(maxAddresses).Select(a => new TransportAddress(a, port))];
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            return [];
        }
    }

    private static bool TrySplit(string server, ushort defaultPort, out string host, out ushort port)
    {
        int colon = server.LastIndexOf(':');
        host = colon < 0 ? server : server[..colon];
        port = defaultPort;
        if (server.Length > MaxLength || host.Length == 0 || host.Contains(':', StringComparison.Ordinal)) return false;
        return colon < 0 || (ushort.TryParse(server.AsSpan(colon + 1), out port) && port != 0);
    }
}
