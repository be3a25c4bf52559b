using System.Buffers;
using System.Text;

namespace CS3103P2P.Protocol;

/// <summary>
/// Rules for the paths inside a shared folder, the same on every system, so that a folder that can be shared can be stored anywhere and never
/// outside its own root: relative, parts separated by <c>/</c>, no <c>.</c> or <c>..</c>, no <c>\</c>, <c>:</c> or control characters, no
/// names that Windows reserves, no part that ends in a dot or space.
/// </summary>
public static class ManifestPath
{
    /// <summary>Longest path, in bytes of UTF-8.</summary>
    public const int MaxBytes = 2_048;

    /// <summary>Longest part between two separators, in bytes of UTF-8.</summary>
    public const int MaxPartBytes = 255;

    /// <summary>Most parts of a path.</summary>
    public const int MaxDepth = 64;

    private const char LastControl = '\u001F';
    private static readonly SearchValues<char> ForbiddenChars = SearchValues.Create("\\:\u007F");

    /// <summary>Whether the text may be the path of a file or folder in a share.</summary>
    public static bool IsValid(ReadOnlySpan<char> path)
    {
        int depth = 0;
        int bytes = 0;
        foreach (Range range in path.Split('/'))
        {
            if (++depth > MaxDepth || !IsValidPart(path[range], out int partBytes)) return false;
            bytes += partBytes + 1;
            if (bytes - 1 > MaxBytes) return false;
        }

        return true;
    }

    /// <summary>Orders paths as a manifest does: by their UTF-8 bytes.</summary>
    public static int Compare(string? a, string? b) => ManifestRules.ComparePaths(a ?? string.Empty, b ?? string.Empty);

    /// <summary>Turns the name of a share into a name that a file may have on every system: bad characters become <c>_</c>.</summary>
    public static string ToFileName(string shareName)
    {
        ArgumentNullException.ThrowIfNull(shareName);
        var name = new StringBuilder(shareName.Length);
        foreach (char c in shareName) name.Append(c is '/' or '<' or '>' or '"' or '|' or '?' or '*' || IsForbidden(c) ? '_' : c);
        string trimmed = name.ToString().TrimEnd('.', ' ');
        if (trimmed.Length == 0) return "_";
        if (!IsReservedOnWindows(trimmed)) return trimmed;
        int cut = trimmed.IndexOf('.', StringComparison.Ordinal);
        return cut < 0 ? trimmed + "_" : string.Concat(trimmed.AsSpan(0, cut), "_", trimmed.AsSpan(cut + 1)); // as long as before, at most one more
    }

    private static bool IsValidPart(ReadOnlySpan<char> part, out int bytes)
    {
        bytes = 0;
        if (part.IsEmpty || part.Length > MaxPartBytes || part[^1] is '.' or ' ') return false;
        foreach (char c in part)
        {
            if (IsForbidden(c)) return false;
        }

        return TryCountBytes(part, out bytes) && bytes <= MaxPartBytes && !IsReservedOnWindows(part);
    }

    private static bool IsForbidden(char c) => c <= LastControl || c is >= '\u0080' and <= '\u009F' || ForbiddenChars.Contains(c);

    private static bool TryCountBytes(ReadOnlySpan<char> part, out int bytes)
    {
        bytes = 0;
        while (!part.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(part, out Rune rune, out int used) != OperationStatus.Done) return false;
            bytes += rune.Utf8SequenceLength;
            part = part[used..];
        }

        return true;
    }

    // CON, PRN, AUX, NUL, COM0-9, LPT0-9 (digits also superscript), with any extension: to Windows they are devices.
    private static bool IsReservedOnWindows(ReadOnlySpan<char> part)
    {
        int dot = part.IndexOf('.');
        ReadOnlySpan<char> stem = (dot < 0 ? part : part[..dot]).TrimEnd(' ');
        if (Is(stem, "CON") || Is(stem, "PRN") || Is(stem, "AUX") || Is(stem, "NUL") || Is(stem, "CONIN$") || Is(stem, "CONOUT$")) return true;
        return stem.Length == 4
            && (Is(stem[..3], "COM") || Is(stem[..3], "LPT"))
            && (char.IsAsciiDigit(stem[3]) || stem[3] is '\u00B9' or '\u00B2' or '\u00B3');
    }

    private static bool Is(ReadOnlySpan<char> text, string device) => text.Equals(device, StringComparison.OrdinalIgnoreCase);
}
