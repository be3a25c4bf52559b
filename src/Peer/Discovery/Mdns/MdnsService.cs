using System.Globalization;
using System.Text;
using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Discovery.Mdns;

/// <summary>The names and the TXT record of our service (RFC 6763 §4, §6).</summary>
internal static class MdnsService
{
    public const int Port = 5353;
    public const int ProtocolVersion = 1;

    /// <summary>For records that name a host (RFC 6762 §10).</summary>
    public const uint HostTtlSeconds = 120;

    /// <summary>For all others.</summary>
    public const uint OtherTtlSeconds = 4500;
    private const int MaxVersion = 9999;
    private const int HostLabelDigits = 16;

    /// <summary>Under which every peer is listed.</summary>
    public static readonly DnsName Type = DnsName.Of("_cs3103p2p", "_udp", "local");

    /// <summary>Under which every service type of the network is listed (RFC 6763 §9).</summary>
    public static readonly DnsName Enumeration = DnsName.Of("_services", "_dns-sd", "_udp", "local");

    /// <summary>The host name of a peer: of its id, so that no two hosts contend for one.</summary>
    public static DnsName HostOf(PeerId id) => DnsName.Of("cs3103p2p-" + id.ToString()[..HostLabelDigits], "local");

    /// <summary>TXT data: a length byte before each of "txtvers=1", "v=1", "id=...".</summary>
    public static byte[] WriteText(PeerId id)
    {
        var data = new List<byte>();
        foreach (string text in new[] { "txtvers=1", string.Create(CultureInfo.InvariantCulture, $"v={ProtocolVersion}"), $"id={id}" })
        {
            data.Add((byte)text.Length);
            data.AddRange(Encoding.ASCII.GetBytes(text));
        }

        return [.. data];
    }

    /// <summary>Reads the peer id and the version; the first of equal keys counts, unknown ones are skipped (RFC 6763 §6.4).</summary>
    public static bool TryReadText(ReadOnlySpan<byte> data, out PeerId id, out int version)
    {
        id = default;
        version = 0;
        bool hasId = false, hasVersion = false;
        while (!data.IsEmpty)
        {
            int length = data[0];
            if (length >= data.Length) return false;
            ReadOnlySpan<byte> entry = data.Slice(1, length);
            data = data[(length + 1)..];
            if (!hasId && TryValue(entry, "id="u8, out ReadOnlySpan<byte> value)) hasId = TryReadId(value, out id);
            else if (!hasVersion && TryValue(entry, "v="u8, out value)) hasVersion = TryReadVersion(value, out version);
        }

        return hasId && hasVersion;
    }

    private static bool TryValue(ReadOnlySpan<byte> entry, ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (entry.Length < key.Length || !Ascii.EqualsIgnoreCase(entry[..key.Length], key)) return false;
        value = entry[key.Length..];
        return true;
    }

    private static bool TryReadId(ReadOnlySpan<byte> hex, out PeerId id)
    {
        id = default;
        if (hex.Length != PeerId.TextLength || !Ascii.IsValid(hex)) return false;
        Span<char> text = stackalloc char[PeerId.TextLength];
        Encoding.ASCII.GetChars(hex, text);
        return PeerId.TryParse(text, out id);
    }

    private static bool TryReadVersion(ReadOnlySpan<byte> digits, out int version) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out version) && version is > 0 and <= MaxVersion;
}
