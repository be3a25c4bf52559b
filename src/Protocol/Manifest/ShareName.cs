using System.Buffers;
using System.Text.Unicode;

namespace CS3103P2P.Protocol;

/// <summary>
/// Rules for the name under which something is shared. Almost any text is a name: spaces, commas, <c>%</c>, <c>|</c>, any script, emoji. Not allowed
/// are control characters, line separators and the controls that reverse the direction of text, because a name is shown to people.
/// </summary>
public static class ShareName
{
    /// <summary>Longest name, in bytes of UTF-8: what file systems allow for a file name.</summary>
    public const int MaxBytes = 255;

    // U+0000-001F, U+007F-009F; U+2028-2029 separate lines; U+202A-202E and U+2066-2069 override direction, so that "exe.gpj" reads "jpg.exe".
    private static readonly SearchValues<char> Forbidden = SearchValues.Create(
        [.. Range(0, 0x1F), .. Range(0x7F, 0x9F), .. Range(0x2028, 0x202E), .. Range(0x2066, 0x2069)]);

    /// <summary>Whether the text may be the name of a share.</summary>
    public static bool IsValid(ReadOnlySpan<char> name)
    {
        if (name.IsEmpty || name.Length > MaxBytes || name.ContainsAny(Forbidden)) return false;
        Span<byte> utf8 = stackalloc byte[MaxBytes];
        return Utf8.FromUtf16(name, utf8, out _, out _, replaceInvalidSequences: false) == OperationStatus.Done;
    }

    /// <summary>Reads a name from UTF-8; false when it is not well formed or not allowed.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out string name)
    {
        name = string.Empty;
        if (utf8.IsEmpty || utf8.Length > MaxBytes) return false;
        Span<char> text = stackalloc char[MaxBytes];
        OperationStatus status = Utf8.ToUtf16(utf8, text, out _, out int length, replaceInvalidSequences: false);
        if (status != OperationStatus.Done || !IsValid(text[..length])) return false;
        name = new string(text[..length]);
        return true;
    }

    private static IEnumerable<char> Range(int first, int last) => Enumerable.Range(first, last - first + 1).Select(code => (char)code);
}
