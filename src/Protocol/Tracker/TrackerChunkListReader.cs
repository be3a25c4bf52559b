using System.Buffers.Text;

namespace CS3103P2P.Protocol;

/// <summary>Reads the list <c>f 1|f 2|</c> in which the existing implementation names the chunks that it uploads.</summary>
public ref struct TrackerChunkListReader(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> _rest = text;

    /// <summary>What was wrong with the last element; none at the end.</summary>
    public TrackerRequestError Error { get; private set; }

    /// <summary>Reads the next element; false at the end and where the text is malformed.</summary>
    /// <param name="name">The name in wire form; it may contain spaces.</param>
    /// <param name="chunk">The chunk, counted from 0.</param>
    public bool TryRead(out ReadOnlySpan<byte> name, out int chunk)
    {
        name = default;
        chunk = -1;
        _rest = _rest.TrimStart((byte)' ');
        if (_rest.IsEmpty) return false;
        int bar = _rest.IndexOf((byte)'|');
        ReadOnlySpan<byte> element = bar < 0 ? _rest : _rest[..bar];
        int space = element.LastIndexOf((byte)' ');
        if (space <= 0) return Fail(TrackerRequestError.MissingChunk);
        if (!TryReadChunk(element[(space + 1)..], out chunk)) return Fail(TrackerRequestError.BadChunk);
        name = element[..space];
        _rest = bar < 0 ? default : _rest[(bar + 1)..];
        return true;
    }

    /// <summary>Reads a chunk number counted from 1.</summary>
    internal static bool TryReadChunk(ReadOnlySpan<byte> text, out int chunk)
    {
        bool valid = Utf8Parser.TryParse(text, out int number, out int used) && used == text.Length && number >= 1 && char.IsAsciiDigit((char)text[0]);
        chunk = valid ? number - 1 : -1;
        return valid;
    }

    private bool Fail(TrackerRequestError error)
    {
        Error = error;
        return false;
    }
}
