namespace CS3103P2P.Protocol;

/// <summary>Reads the addresses of <c>cand=</c>, one after another.</summary>
public ref struct TrackerCandidateReader(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> _rest = text;

    /// <summary>Whether all has been read.</summary>
    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>Reads the next address; false at the end and where the text is malformed.</summary>
    public bool TryRead(out TransportAddress address)
    {
        address = default;
        if (_rest.IsEmpty) return false;
        int comma = _rest.IndexOf((byte)',');
        ReadOnlySpan<byte> token = comma < 0 ? _rest : _rest[..comma];
        if (!TransportAddress.TryParse(token, 0, out address) || address.Port == 0 || comma == _rest.Length - 1) return false;
        _rest = comma < 0 ? default : _rest[(comma + 1)..];
        return true;
    }
}
