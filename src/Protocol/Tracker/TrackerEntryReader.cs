namespace CS3103P2P.Protocol;

/// <summary>
/// Reads the entries of a reply to flags 1 and 2, in the literal form and in that with extensions.
/// <code>
/// test.txt 1 203.0.113.5 6881|test.txt 2 203.0.113.6 6881|
/// test.txt 1-512,600 203.0.113.5 6881 peer=ab..|
/// </code>
/// </summary>
public ref struct TrackerEntryReader(ReadOnlySpan<byte> body)
{
    private ReadOnlySpan<byte> _rest = body;

    /// <summary>Whether all has been read; false after an entry that is malformed.</summary>
    public readonly bool IsAtEnd => _rest.TrimStart((byte)' ').IsEmpty;

    /// <summary>Reads the next entry; false at the end and where the text is malformed.</summary>
    public bool TryRead(out TrackerEntry entry)
    {
        var read = default(TrackerEntry);
        bool valid = TryReadNext(ref read);
        entry = read;
        return valid;
    }

    private bool TryReadNext(ref TrackerEntry entry)
    {
        ReadOnlySpan<byte> rest = _rest.TrimStart((byte)' ');
        if (rest.IsEmpty) return false;
        int bar = rest.IndexOf((byte)'|');
        var tokens = new TrackerTokenReader(bar < 0 ? rest : rest[..bar]);
        if (!tokens.TryRead(out ReadOnlySpan<byte> name) || !tokens.TryRead(out ReadOnlySpan<byte> chunks)) return false;
        if (!tokens.TryRead(out ReadOnlySpan<byte> ip) || !tokens.TryRead(out ReadOnlySpan<byte> port)) return false;
        if (!TransportAddress.TryParse(ip, 0, out TransportAddress address) || address.Port != 0) return false;
        if (!TrackerChunkListReader.TryReadChunk(port, out int number) || number >= ushort.MaxValue || !AreChunks(chunks)) return false;
        var extensions = default(TrackerExtensions);
        while (tokens.TryRead(out ReadOnlySpan<byte> token))
        {
            if (!TrackerExtensionParser.IsExtension(token, out int equals) || !TrackerExtensionParser.TryAdd(token, equals, ref extensions)) return false;
        }

        entry.Name = name;
        entry.Chunks = chunks[0] == (byte)'-' ? default : chunks;
        entry.Address = address.WithPort((ushort)(number + 1));
        entry.Peer = extensions.Peer;
        entry.Candidates = extensions.Candidates;
        _rest = bar < 0 ? default : rest[(bar + 1)..];
        return true;
    }

    // A hyphen stands for none: the only holder of a file of no bytes has no chunk.
    private static bool AreChunks(ReadOnlySpan<byte> text)
    {
        if (text.SequenceEqual("-"u8)) return true;
        while (!text.IsEmpty)
        {
            if (!ChunkText.TryReadRun(ref text, out _)) return false;
        }

        return true;
    }
}
