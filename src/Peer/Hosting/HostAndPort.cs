using System.Globalization;

namespace CS3103P2P.Peer.Hosting;

/// <summary>A server as a person writes it: <c>name</c>, <c>name:port</c>, <c>a.b.c.d:port</c>, <c>[v6]:port</c>.</summary>
internal readonly record struct HostAndPort(string Host, ushort Port)
{
    public static bool TryParse(string text, ushort defaultPort, out HostAndPort parsed)
    {
        parsed = default;
        string host = text.Trim();
        ushort port = defaultPort;
        int close = host.IndexOf(']', StringComparison.Ordinal);
        int colon = host.LastIndexOf(':');
        bool hasPort = colon > close && (close >= 0 || host.IndexOf(':', StringComparison.Ordinal) == colon);
        if (hasPort)
        {
            if (!ushort.TryParse(host.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port == 0) return false;
            host = host[..colon];
        }

        host = host.TrimStart('[').TrimEnd(']');
        if (Uri.CheckHostName(host) == UriHostNameType.Unknown) return false;
        parsed = new HostAndPort(host, port);
        return true;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");
}
