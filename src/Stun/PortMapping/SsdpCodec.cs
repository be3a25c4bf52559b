using System.Text;

namespace CS3103P2P.Stun.PortMapping;

/// <summary>Writes SSDP searches and reads their answers (UPnP Device Architecture 1.1 §1.3).</summary>
internal static class SsdpCodec
{
    /// <summary>Seconds within which devices spread their answers.</summary>
    public const int MaxWaitSeconds = 2;

    public const int MaxMessageBytes = 2048;
    private const int MaxLocationBytes = 512;

    /// <summary>What to search for; a device of version 2 answers to 1 too, but not every one does.</summary>
    public static ReadOnlySpan<byte> SearchTarget(int version) => version == 2
        ? "urn:schemas-upnp-org:device:InternetGatewayDevice:2"u8
        : "urn:schemas-upnp-org:device:InternetGatewayDevice:1"u8;

    /// <summary>Writes an M-SEARCH; returns its length.</summary>
    public static int WriteSearch(Span<byte> destination, ReadOnlySpan<byte> searchTarget)
    {
        int at = 0;
        Put(destination, ref at, "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: "u8);
        destination[at++] = (byte)('0' + MaxWaitSeconds);
        Put(destination, ref at, "\r\nST: "u8);
        Put(destination, ref at, searchTarget);
        Put(destination, ref at, "\r\n\r\n"u8);
        return at;
    }

    /// <summary>Finds the LOCATION of an answer to a search: printable ASCII, at most 512 bytes.</summary>
    public static bool TryReadLocation(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> location)
    {
        location = default;
        if (message.Length > MaxMessageBytes || !message.StartsWith("HTTP/1."u8)) return false;
        int lineEnd = message.IndexOf((byte)'\n');
        if (lineEnd < 0 || message[..lineEnd].IndexOf(" 200"u8) != "HTTP/1.1"u8.Length) return false;
        ReadOnlySpan<byte> rest = message[(lineEnd + 1)..];
        while (!rest.IsEmpty)
        {
            lineEnd = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = (lineEnd < 0 ? rest : rest[..lineEnd]).TrimEnd((byte)'\r');
            rest = lineEnd < 0 ? default : rest[(lineEnd + 1)..];
            if (line.IsEmpty) return false;
            int colon = line.IndexOf((byte)':');
            if (colon < 0 || !Ascii.EqualsIgnoreCase(line[..colon], "LOCATION"u8)) continue;
            location = line[(colon + 1)..].Trim((byte)' ');
            return location.Length is > 0 and <= MaxLocationBytes && !location.ContainsAnyExceptInRange((byte)'!', (byte)'~');
        }

        return false;
    }

    private static void Put(Span<byte> destination, ref int at, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(destination[at..]);
        at += bytes.Length;
    }
}
