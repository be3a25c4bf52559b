using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace CS3103P2P.Protocol;

/// <summary>
/// An IP address and a port (a "transport address", RFC 8489 §5): a value of 24 bytes that costs no allocation.
/// IPv4 is kept as IPv4-mapped IPv6 (RFC 4291 §2.5.5.2), so that one peer has one value whichever socket saw it.
/// </summary>
public readonly record struct TransportAddress : ISpanFormattable, IUtf8SpanFormattable
{
    /// <summary>Longest text form in characters: a bracketed IPv6 address with zone, a colon and a port.</summary>
    public const int MaxTextLength = 65;

    // Not UInt128: no method that touches a value with such a field is compiled ahead of time (crossgen2), and nearly all of them would be compiled at start.
    private readonly ulong _upper;
    private readonly ulong _lower;
    private readonly uint _scopeId;

    private TransportAddress(ulong upper, ulong lower, ushort port, uint scopeId)
    {
        _upper = upper;
        _lower = lower;
        _scopeId = scopeId;
        Port = port;
    }

    /// <summary>Makes a transport address from an IP address and a port.</summary>
    /// <param name="address">IPv4 or IPv6; IPv4-mapped IPv6 counts as IPv4.</param>
    /// <param name="port">0 to 65535, in host order.</param>
    public TransportAddress(IPAddress address, int port)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentOutOfRangeException.ThrowIfNegative(port);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, ushort.MaxValue);
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out int written);
        _upper = written == 4 ? 0 : BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _lower = written == 4 ? MapV4(BinaryPrimitives.ReadUInt32BigEndian(bytes)) : BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _scopeId = written == 16 && address.IsIPv6LinkLocal ? (uint)address.ScopeId : 0;
        Port = (ushort)port;
    }

    /// <summary>Makes a transport address from an <see cref="IPEndPoint"/>.</summary>
    public TransportAddress(IPEndPoint endPoint)
        : this((endPoint ?? throw new ArgumentNullException(nameof(endPoint))).Address, endPoint.Port)
    {
    }

    /// <summary>The port in host order; 0 when unknown.</summary>
    public ushort Port { get; }

    /// <summary>Whether the address is IPv4.</summary>
    public bool IsIPv4 => _upper == 0 && _lower >> 32 == 0xFFFF;

    /// <summary>The IPv6 zone (RFC 4007) of a link-local address; otherwise 0.</summary>
    public uint ScopeId => _scopeId;

    /// <summary>The 128 bits of the address; IPv4 in its mapped form.</summary>
    public UInt128 AddressBits => new(_upper, _lower);

    /// <summary>Whether this is the default value: no address at all.</summary>
    public bool IsUnspecified => (_upper | _lower) == 0 || (IsIPv4 && (uint)_lower == 0);

    /// <summary>Whether the address is 127.0.0.0/8 or ::1.</summary>
    public bool IsLoopback => IsIPv4 ? (uint)_lower >> 24 == 127 : _upper == 0 && _lower == 1;

    /// <summary>Makes an IPv4 transport address from the address in host order.</summary>
    public static TransportAddress FromIPv4(uint address, ushort port) => new(0, MapV4(address), port, 0);

    /// <summary>Makes a transport address from 128 bits; IPv4 in its mapped form.</summary>
    public static TransportAddress FromBits(UInt128 address, ushort port, uint scopeId = 0) =>
        new((ulong)(address >> 64), (ulong)address, port, scopeId);

    /// <summary>The same address with another port.</summary>
    public TransportAddress WithPort(ushort port) => new(_upper, _lower, port, _scopeId);

    /// <summary>The IPv4 address in host order.</summary>
    /// <exception cref="InvalidOperationException">The address is IPv6.</exception>
    public uint ToIPv4Bits() =>
        IsIPv4 ? (uint)_lower : throw new InvalidOperationException("The address is IPv6.");

    /// <summary>Makes an <see cref="IPAddress"/>; allocates.</summary>
    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, _upper);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], _lower);
        return IsIPv4 ? new IPAddress(bytes[12..]) : new IPAddress(bytes, _scopeId);
    }

    /// <summary>Makes an <see cref="IPEndPoint"/>; allocates.</summary>
    public IPEndPoint ToIPEndPoint() => new(ToIPAddress(), Port);

    /// <summary>Reads <c>a.b.c.d:port</c> or <c>[v6]:port</c>; without a port, <paramref name="defaultPort"/> counts.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, ushort defaultPort, out TransportAddress address)
    {
        address = default;
        ReadOnlySpan<char> host = text;
        int port = defaultPort;
        if (text.Length > 0 && text[0] == '[')
        {
            int close = text.IndexOf(']');
            if (close < 0) return false;
            host = text[1..close];
            ReadOnlySpan<char> rest = text[(close + 1)..];
            if (rest.Length > 0 && (rest[0] != ':' || !TryParsePort(rest[1..], out port))) return false;
            if (host.IndexOf(':') < 0) return false;
        }
        else if (text.IndexOf(':') is int colon and >= 0 && text[(colon + 1)..].IndexOf(':') < 0)
        {
            host = text[..colon];
            if (!TryParsePort(text[(colon + 1)..], out port)) return false;
        }

        if (!TryParseHost(host, out address)) return false;
        address = address.WithPort((ushort)port);
        return true;
    }

    /// <summary>Reads the same from UTF-8.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, ushort defaultPort, out TransportAddress address)
    {
        address = default;
        if (utf8.IsEmpty || utf8.Length > MaxTextLength || !Ascii.IsValid(utf8)) return false;
        Span<char> text = stackalloc char[MaxTextLength];
        int length = Encoding.ASCII.GetChars(utf8, text);
        return TryParse(text[..length], defaultPort, out address);
    }

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_upper, _lower, _scopeId, Port);

    /// <inheritdoc/>
    public override string ToString() => ToString(null, null);

    /// <inheritdoc/>
    public string ToString(string? format, IFormatProvider? formatProvider)
    {
        Span<char> buffer = stackalloc char[MaxTextLength];
        return TryFormat(buffer, out int written, format, formatProvider) ? new string(buffer[..written]) : string.Empty;
    }

    /// <summary>Writes <c>a.b.c.d:port</c> or <c>[v6]:port</c>.</summary>
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null)
    {
        Span<byte> utf8 = stackalloc byte[MaxTextLength];
        charsWritten = 0;
        return TryFormat(utf8, out int written) && Encoding.ASCII.TryGetChars(utf8[..written], destination, out charsWritten);
    }

    /// <summary>Writes the same as UTF-8.</summary>
    public bool TryFormat(Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null)
    {
        bytesWritten = 0;
        int at = 0;
        if (!IsIPv4 && !Put(utf8Destination, ref at, (byte)'[')) return false;
        if (!TryFormatAddress(utf8Destination[at..], out int written)) return false;
        at += written;
        if (!IsIPv4 && !Put(utf8Destination, ref at, (byte)']')) return false;
        if (!Put(utf8Destination, ref at, (byte)':')) return false;
        if (!Port.TryFormat(utf8Destination[at..], out written, default, null)) return false;
        bytesWritten = at + written;
        return true;
    }

    /// <summary>Writes the address alone, without brackets or port, as UTF-8.</summary>
    public bool TryFormatAddress(Span<byte> utf8Destination, out int bytesWritten)
    {
        if (!IsIPv4) return ToIPAddress().TryFormat(utf8Destination, out bytesWritten);
        Span<byte> text = stackalloc byte[16];   // 255.255.255.255
        int at = 0;
        for (int shift = 24; shift >= 0; shift -= 8)
        {
            uint part = (byte)((uint)_lower >> shift);
            if (part >= 100) text[at++] = (byte)('0' + (part / 100));
            if (part >= 10) text[at++] = (byte)('0' + (part / 10 % 10));
            text[at++] = (byte)('0' + (part % 10));
            text[at++] = (byte)'.';
        }

        bool fits = text[..--at].TryCopyTo(utf8Destination);
        bytesWritten = fits ? at : 0;
        return fits;
    }

    private static ulong MapV4(uint address) => 0x0000_FFFF_0000_0000UL | address;

    private static bool Put(Span<byte> destination, ref int at, byte value)
    {
        if (at >= destination.Length) return false;
        destination[at++] = value;
        return true;
    }

    private static bool TryParsePort(ReadOnlySpan<char> text, out int port)
    {
        port = 0;
        if (text.Length is 0 or > 5) return false;
        foreach (char c in text)
        {
            if (!char.IsAsciiDigit(c)) return false;
            port = (port * 10) + (c - '0');
        }

        return port is > 0 and <= ushort.MaxValue;
    }

    // IPAddress.TryParse also takes "1", "0x7f.1" and octal parts; on the wire only four decimal parts count.
    private static bool TryParseHost(ReadOnlySpan<char> host, out TransportAddress address)
    {
        address = default;
        if (host.IndexOf(':') >= 0)
        {
            if (!IPAddress.TryParse(host, out IPAddress? ip)) return false;
            address = new TransportAddress(ip, 0);
            return true;
        }

        uint value = 0;
        for (int part = 0; part < 4; part++)
        {
            int dot = part < 3 ? host.IndexOf('.') : host.Length;
            if (dot < 0 || !TryParsePart(host[..dot], out uint number)) return false;
            value = (value << 8) | number;
            host = part < 3 ? host[(dot + 1)..] : default;
        }

        address = FromIPv4(value, 0);
        return true;
    }

    private static bool TryParsePart(ReadOnlySpan<char> text, out uint number)
    {
        number = 0;
        if (text.Length is 0 or > 3 || (text.Length > 1 && text[0] == '0')) return false;
        foreach (char c in text)
        {
            if (!char.IsAsciiDigit(c)) return false;
            number = (number * 10) + (uint)(c - '0');
        }

        return number <= byte.MaxValue;
    }
}
