using System.Diagnostics.CodeAnalysis;
using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.PortMapping;

/// <summary>
/// Lets through only plain HTTP addresses of the router itself. Whoever answers a search chooses the address that we then fetch; without
/// this it could send us to any server, inside the network or out (server-side request forgery).
/// </summary>
internal static class UpnpUrl
{
    private const int MaxLength = 512;

    public static bool TryResolve(string text, Uri? baseUrl, TransportAddress gateway, [NotNullWhen(true)] out Uri? url)
    {
        url = null;
        if (text.Length is 0 or > MaxLength) return false;
        bool parsed = baseUrl is null ? Uri.TryCreate(text, UriKind.Absolute, out Uri? candidate) : Uri.TryCreate(baseUrl, text, out candidate);
        if (!parsed || candidate is null || !IsOnGateway(candidate, gateway)) return false;
        url = candidate;
        return true;
    }

    private static bool IsOnGateway(Uri url, TransportAddress gateway) =>
        url.IsAbsoluteUri
        && url.Scheme == Uri.UriSchemeHttp
        && url.UserInfo.Length == 0
        && url.HostNameType == UriHostNameType.IPv4
        && TransportAddress.TryParse(url.Host, 0, out TransportAddress host)
        && host.AddressBits == gateway.AddressBits
        && url.Port is > 0 and <= ushort.MaxValue;
}
