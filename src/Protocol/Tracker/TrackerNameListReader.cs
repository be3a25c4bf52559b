namespace CS3103P2P.Protocol;

/// <summary>Reads the list <c>a.txt, b.txt</c> of a reply to flag 6.</summary>
public ref struct TrackerNameListReader(ReadOnlySpan<byte> body)
{
    private ReadOnlySpan<byte> _rest = body;

    /// <summary>Reads the next name, in wire form; false at the end.</summary>
    public bool TryRead(out ReadOnlySpan<byte> name)
    {
        name = default;
        while (name.IsEmpty && !_rest.IsEmpty)
        {
            int comma = _rest.IndexOf((byte)',');
            name = (comma < 0 ? _rest : _rest[..comma]).Trim((byte)' ');
            _rest = comma < 0 ? default : _rest[(comma + 1)..];
        }

        return !name.IsEmpty;
    }
}
