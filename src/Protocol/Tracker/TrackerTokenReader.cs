namespace CS3103P2P.Protocol;

/// <summary>Cuts a message into tokens at its spaces.</summary>
internal ref struct TrackerTokenReader(ReadOnlySpan<byte> text)
{
    /// <summary>What has not been read yet.</summary>
    public ReadOnlySpan<byte> Rest { get; private set; } = text;

    /// <summary>Reads the next token; false at the end. Several spaces count as one.</summary>
    public bool TryRead(out ReadOnlySpan<byte> token)
    {
        ReadOnlySpan<byte> rest = Rest.TrimStart((byte)' ');
        int space = rest.IndexOf((byte)' ');
        token = space < 0 ? rest : rest[..space];
        Rest = space < 0 ? default : rest[(space + 1)..];
        return !token.IsEmpty;
    }
}
