namespace CS3103P2P.Tracker.Registry;

/// <summary>What a peer adds to the registry: chunks of a file.</summary>
internal ref struct Offering
{
    /// <summary>The name in UTF-8.</summary>
    public ReadOnlySpan<byte> Name { get; set; }

    /// <summary>One chunk, counted from 0; -1 for none.</summary>
    public int Chunk { get; set; }

    /// <summary>More chunks, as text.</summary>
    public ReadOnlySpan<byte> Chunks { get; set; }

    /// <summary>What the content is; null when the peer does not tell.</summary>
    public ContentDescription? Content { get; set; }

    /// <summary>Whether the name goes into the list of files; null leaves that as it is, which is yes for a new entry.</summary>
    public bool? IsListed { get; set; }
}
