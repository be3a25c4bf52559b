using System.Buffers;
using System.Text.Unicode;

namespace CS3103P2P.Protocol;

/// <summary>
/// Names on the tracker's wire: UTF-8 in which space, comma, <c>|</c>, <c>%</c> and control characters are percent-encoded (RFC 3986 §2.1). Where
/// extensions follow, <c>=</c> is encoded too, so that a name never looks like one.
/// </summary>
public static class TrackerName
{
    private static readonly SearchValues<byte> Escaped = SearchValues.Create(
        [.. Enumerable.Range(0, 33).Select(code => (byte)code), 0x7F, (byte)'%', (byte)',', (byte)'|']);

    // Printable ASCII without `%` and `|`: nearly all names.
    private static readonly SearchValues<byte> Plain = SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(code => (byte)code).Except("%|"u8.ToArray())]);

    /// <summary>Reads a name from its wire form.</summary>
    /// <param name="wire">The percent-encoded name.</param>
    /// <param name="utf8">Where the name goes; <see cref="ShareName.MaxBytes"/> bytes are enough.</param>
    /// <param name="bytesWritten">Length of the name.</param>
    /// <returns>False when the encoding is malformed or the name is not allowed (<see cref="ShareName"/>).</returns>
    public static bool TryDecode(ReadOnlySpan<byte> wire, Span<byte> utf8, out int bytesWritten)
    {
        bytesWritten = 0;
        int at = 0;
        if (IsPlain(wire) && wire.TryCopyTo(utf8))
        {
            bytesWritten = wire.Length;
            return true;
        }

        if (wire.IsEmpty || wire.Length > TrackerLimits.MaxEncodedNameBytes) return false;
        for (int i = 0; i < wire.Length; i++)
        {
            if (at == ShareName.MaxBytes || at == utf8.Length) return false;
            byte value = wire[i];
            if (value == (byte)'%')
            {
                if (i + 2 >= wire.Length || !TryHex(wire[i + 1], out int high) || !TryHex(wire[i + 2], out int low)) return false;
                value = (byte)((high << 4) | low);
                i += 2;
            }

            utf8[at++] = value;
        }

        if (!IsAllowed(utf8[..at])) return false;
        bytesWritten = at;
        return true;
    }

    /// <summary>Reads a name as text; allocates.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> wire, out string name)
    {
        name = string.Empty;
        Span<byte> utf8 = stackalloc byte[ShareName.MaxBytes];
        return TryDecode(wire, utf8, out int length) && ShareName.TryParse(utf8[..length], out name);
    }

    /// <summary>Writes the wire form; false when it does not fit.</summary>
    /// <param name="utf8">The name.</param>
    /// <param name="destination">Where the wire form goes; <see cref="TrackerLimits.MaxEncodedNameBytes"/> bytes are enough.</param>
    /// <param name="escapeEquals">Whether <c>=</c> is encoded: in every message with extensions.</param>
    /// <param name="bytesWritten">Length of the wire form.</param>
    public static bool TryEncode(ReadOnlySpan<byte> utf8, Span<byte> destination, bool escapeEquals, out int bytesWritten)
    {
        bytesWritten = 0;
        int at = 0;
        foreach (byte value in utf8)
        {
            bool escape = Escaped.Contains(value) || (escapeEquals && value == (byte)'=');
            if (at + (escape ? 3 : 1) > destination.Length) return false;
            if (!escape)
            {
                destination[at++] = value;
                continue;
            }

            destination[at++] = (byte)'%';
            destination[at++] = HexDigit(value >> 4);
            destination[at++] = HexDigit(value & 15);
        }

        bytesWritten = at;
        return true;
    }

    /// <summary>Whether the wire form is a valid name and stands for itself.</summary>
    internal static bool IsPlain(ReadOnlySpan<byte> wire) => wire.Length is > 0 and <= ShareName.MaxBytes && !wire.ContainsAnyExcept(Plain);

    /// <summary>Whether this is the wire form of a valid name.</summary>
    internal static bool IsValid(ReadOnlySpan<byte> wire)
    {
        Span<byte> name = stackalloc byte[ShareName.MaxBytes];
        return TryDecode(wire, name, out _);
    }

    private static bool IsAllowed(ReadOnlySpan<byte> utf8) => !utf8.ContainsAnyExceptInRange((byte)' ', (byte)'~') || IsAllowedText(utf8);

    private static bool IsAllowedText(ReadOnlySpan<byte> utf8)
    {
        Span<char> text = stackalloc char[ShareName.MaxBytes];
        return Utf8.ToUtf16(utf8, text, out _, out int length, replaceInvalidSequences: false) == OperationStatus.Done
            && ShareName.IsValid(text[..length]);
    }

    private static byte HexDigit(int value) => (byte)(value < 10 ? '0' + value : 'A' + value - 10);

    private static bool TryHex(byte digit, out int value)
    {
        value = digit switch
        {
            >= (byte)'0' and <= (byte)'9' => digit - '0',
            >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
            >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
            _ => -1,
        };
        return value >= 0;
    }
}
