using System.Collections.Frozen;
using System.Text;

namespace CS3103P2P.Protocol;

/// <summary>
/// Folds a path so that two paths that some file system takes for one get the same key: canonical decomposition (UAX #15 NFD) and simple upper
/// case. Own tables, because <see cref="string.Normalize()"/> does nothing when globalization is invariant.
/// </summary>
internal static class PathFolding
{
    private const int HangulFirst = 0xAC00;
    private const int HangulCount = 11_172;
    private const int HangulLeadFirst = 0x1100;
    private const int HangulVowelFirst = 0x1161;
    private const int HangulTailFirst = 0x11A7;
    private const int HangulVowels = 21;
    private const int HangulTails = 28;

    private static readonly FrozenDictionary<int, int[]> Decompositions = ReadDecompositions();
    private static readonly FrozenDictionary<int, byte> Classes = ReadClasses();

    /// <summary>The key of a well-formed text.</summary>
    internal static string KeyOf(string path)
    {
        if (Ascii.IsValid(path)) return path.ToUpperInvariant();
        var runes = new List<(Rune Rune, byte Class)>(path.Length + 8);
        foreach (Rune rune in path.EnumerateRunes()) Decompose(rune, runes);
        Reorder(runes);
        var key = new StringBuilder(path.Length + 8);
        foreach ((Rune rune, _) in runes) key.Append(Rune.ToUpperInvariant(rune));
        return key.ToString();
    }

    private static void Decompose(Rune rune, List<(Rune Rune, byte Class)> output)
    {
        int hangul = rune.Value - HangulFirst;
        if (hangul is >= 0 and < HangulCount)
        {
            output.Add((new Rune(HangulLeadFirst + (hangul / (HangulVowels * HangulTails))), 0));
            output.Add((new Rune(HangulVowelFirst + (hangul / HangulTails % HangulVowels)), 0));
            if (hangul % HangulTails > 0) output.Add((new Rune(HangulTailFirst + (hangul % HangulTails)), 0));
        }
        else if (Decompositions.TryGetValue(rune.Value, out int[]? parts))
        {
            foreach (int part in parts) output.Add((new Rune(part), Classes.GetValueOrDefault(part)));
        }
        else
        {
            output.Add((rune, Classes.GetValueOrDefault(rune.Value)));
        }
    }

    // Canonical ordering: marks sort by their class, stably, within each run of marks.
    private static void Reorder(List<(Rune Rune, byte Class)> runes)
    {
        for (int i = 1; i < runes.Count; i++)
        {
            (Rune, byte Class) mark = runes[i];
            int at = i;
            while (mark.Class != 0 && at > 0 && runes[at - 1].Class > mark.Class) runes[at] = runes[--at];
            runes[at] = mark;
        }
    }

    private static FrozenDictionary<int, int[]> ReadDecompositions()
    {
        ReadOnlySpan<byte> packed = Convert.FromBase64String(UnicodeTables.Decompositions);
        var read = new Dictionary<int, int[]>();
        for (int code = 0; !packed.IsEmpty;)
        {
            code += ReadVarint(ref packed);
            int[] parts = new int[packed[0]];
            packed = packed[1..];
            for (int i = 0; i < parts.Length; i++) parts[i] = ReadVarint(ref packed);
            read.Add(code, parts);
        }

        return read.ToFrozenDictionary();
    }

    private static FrozenDictionary<int, byte> ReadClasses()
    {
        ReadOnlySpan<byte> packed = Convert.FromBase64String(UnicodeTables.CombiningClasses);
        var read = new Dictionary<int, byte>();
        for (int first = 0; !packed.IsEmpty;)
        {
            first += ReadVarint(ref packed);
            int length = ReadVarint(ref packed);
            for (int i = 0; i < length; i++) read.Add(first + i, packed[0]);
            packed = packed[1..];
        }

        return read.ToFrozenDictionary();
    }

    private static int ReadVarint(ref ReadOnlySpan<byte> packed)
    {
        int value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = packed[0];
            packed = packed[1..];
            value |= (next & 0x7F) << shift;
            if (next < 0x80) return value;
        }
    }
}
