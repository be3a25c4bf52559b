using System.Buffers.Text;

namespace CS3103P2P.Protocol;

/// <summary>
/// The text form of chunks on the tracker's wire: <c>1-512,600</c>, counted from 1. Reads and writes one run at a time, without allocation.
/// </summary>
public static class ChunkText
{
    /// <summary>Longest text of one run: two numbers of ten digits and a hyphen.</summary>
    public const int MaxRunLength = 21;

    private const int MaxDigits = 10;

    /// <summary>Reads the run at the start of the text and moves past it and its comma. False when the text is empty or malformed.</summary>
    /// <param name="text">UTF-8; left unchanged on failure.</param>
    /// <param name="range">The run, counted from 0.</param>
    public static bool TryReadRun(ref ReadOnlySpan<byte> text, out ChunkRange range)
    {
        range = default;
        ReadOnlySpan<byte> rest = text;
        if (!TryReadNumber(ref rest, out int first)) return false;
        int last = first;
        if (!rest.IsEmpty && rest[0] == (byte)'-')
        {
            rest = rest[1..];
            if (!TryReadNumber(ref rest, out last) || last < first) return false;
        }

        if (!rest.IsEmpty)
        {
            if (rest[0] != (byte)',' || rest.Length == 1) return false;
            rest = rest[1..];
        }

        range = new ChunkRange(first - 1, last - first + 1);
        text = rest;
        return true;
    }

    /// <summary>Writes one run, <c>7</c> or <c>7-9</c>; false when it does not fit.</summary>
    public static bool TryWriteRun(ChunkRange range, Span<byte> destination, out int bytesWritten)
    {
        bytesWritten = 0;
        if (range.Count <= 0 || !Utf8Formatter.TryFormat(range.First + 1, destination, out int at)) return false;
        if (range.Count > 1)
        {
            if (at >= destination.Length) return false;
            destination[at++] = (byte)'-';
            if (!Utf8Formatter.TryFormat(range.End, destination[at..], out int written)) return false;
            at += written;
        }

        bytesWritten = at;
        return true;
    }

    private static bool TryReadNumber(ref ReadOnlySpan<byte> text, out int number)
    {
        number = 0;
        long value = 0;
        int digits = 0;
        while (digits < text.Length && char.IsAsciiDigit((char)text[digits]))
        {
            if (digits == MaxDigits) return false;
            value = (value * 10) + (text[digits++] - (byte)'0');
        }

        if (digits == 0 || value is < 1 or > ChunkRange.MaxChunks) return false;
        text = text[digits..];
        number = (int)value;
        return true;
    }
}
