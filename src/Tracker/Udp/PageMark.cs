using System.Buffers.Text;
using CS3103P2P.Protocol;

namespace CS3103P2P.Tracker.Udp;

/// <summary>Where the next page of a list of entries begins: <c>number-chunk-left</c>. Peers pass it back unread.</summary>
/// <param name="Number">Number of the entry.</param>
/// <param name="Chunk">The chunk of that entry to go on with.</param>
/// <param name="Left">How many entries are still to come.</param>
internal readonly record struct PageMark(long Number, int Chunk, int Left)
{
    /// <summary>Reads a mark; false when it is none of ours.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out PageMark mark)
    {
        mark = default;
        if (!TryReadNumber(ref text, out long number) || !TryReadNumber(ref text, out long chunk) || !TryReadNumber(ref text, out long left)) return false;
        if (!text.IsEmpty || chunk > int.MaxValue || left is < 1 or > int.MaxValue) return false;
        mark = new PageMark(number, (int)chunk, (int)left);
        return true;
    }

    /// <summary>Writes <c> next=number-chunk-left</c>.</summary>
    public void WriteTo(ref TrackerTextWriter reply)
    {
        reply.Extension("next"u8, Number);
        reply.Text("-"u8);
        reply.Number(Chunk);
        reply.Text("-"u8);
        reply.Number(Left);
    }

    private static bool TryReadNumber(ref ReadOnlySpan<byte> text, out long number)
    {
        if (!Utf8Parser.TryParse(text, out number, out int used) || number < 0) return false;
        text = used < text.Length && text[used] == (byte)'-' ? text[(used + 1)..] : text[used..];
        return true;
    }
}
