using System.Diagnostics.CodeAnalysis;

namespace CS3103P2P.Stun;

/// <summary>
/// A TURN server as users write it: <c>turn:user:password@host:port?transport=udp|tcp</c> or <c>turns:...</c> (RFC 7065, with credentials).
/// </summary>
/// <param name="Host">Name or address; IPv6 without brackets.</param>
/// <param name="Port">3478 when not given, 5349 for TLS.</param>
/// <param name="Transport">UDP when not given; TLS for <c>turns</c>.</param>
/// <param name="Credentials">Null when not given. The name may contain colons, the password may not.</param>
public sealed record TurnUri(string Host, ushort Port, TurnTransport Transport, TurnCredentials? Credentials)
{
    /// <summary>The port of TURN over TLS (RFC 8656 §20).</summary>
    public const ushort StandardTlsPort = 5349;

    private const int MaxLength = 1024;

    /// <summary>Reads the text form.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out TurnUri? uri)
    {
        uri = null;
        if (text.Length > MaxLength || !TryReadScheme(ref text, out bool isTls)) return false;
        if (!TryReadTransport(ref text, isTls, out TurnTransport transport)) return false;
        TurnCredentials? credentials = null;
        int at = text.LastIndexOf('@');
        if (at >= 0)
        {
            // Ephemeral user names have the form "time:name", so the last colon is the one before the password.
            ReadOnlySpan<char> user = text[..at];
            int colon = user.LastIndexOf(':');
            if (colon <= 0) return false;
            credentials = new TurnCredentials(Uri.UnescapeDataString(user[..colon].ToString()), Uri.UnescapeDataString(user[(colon + 1)..].ToString()));
            text = text[(at + 1)..];
        }

        if (!TryReadHost(text, isTls ? StandardTlsPort : StunClient.StandardPort, out string host, out ushort port)) return false;
        uri = new TurnUri(host, port, transport, credentials);
        return true;
    }

    private static bool TryReadScheme(ref ReadOnlySpan<char> text, out bool isTls)
    {
        isTls = text.StartsWith("turns:", StringComparison.OrdinalIgnoreCase);
        if (!isTls && !text.StartsWith("turn:", StringComparison.OrdinalIgnoreCase)) return false;
        text = text[(isTls ? "turns:".Length : "turn:".Length)..];
        return true;
    }

    private static bool TryReadTransport(ref ReadOnlySpan<char> text, bool isTls, out TurnTransport transport)
    {
        transport = isTls ? TurnTransport.Tls : TurnTransport.Udp;
        int query = text.LastIndexOf('?');
        if (query < 0) return true;
        ReadOnlySpan<char> value = text[(query + 1)..];
        text = text[..query];
        if (value.Equals("transport=tcp", StringComparison.OrdinalIgnoreCase))
        {
            transport = isTls ? TurnTransport.Tls : TurnTransport.Tcp;
            return true;
        }

        return !isTls && value.Equals("transport=udp", StringComparison.OrdinalIgnoreCase);
    }

    private static bool TryReadHost(ReadOnlySpan<char> text, ushort defaultPort, out string host, out ushort port)
    {
        port = defaultPort;
        host = string.Empty;
        ReadOnlySpan<char> name = text;
        ReadOnlySpan<char> rest = default;
        if (text.StartsWith("["))
        {
            int close = text.IndexOf(']');
            if (close < 0) return false;
            name = text[1..close];
            rest = text[(close + 1)..];
        }
        else if (text.IndexOf(':') is int colon and >= 0)
        {
            name = text[..colon];
            rest = text[colon..];
        }

        if (name.IsEmpty || (!rest.IsEmpty && (rest[0] != ':' || !ushort.TryParse(rest[1..], out port) || port == 0))) return false;
        host = name.ToString();
        return true;
    }
}
