using CS3103P2P.Protocol;

namespace CS3103P2P.Tracker.Registry;

/// <summary>A name under which peers have chunks.</summary>
internal sealed class SharedFile(byte[] name)
{
    private readonly List<SharedContent> _contents = [];

    /// <summary>The name in UTF-8.</summary>
    public byte[] Name { get; } = name;

    /// <summary>The entries, in the order in which they were made.</summary>
    public OrderedSlots<SwarmEntry> Entries { get; } = new();

    /// <summary>How many entries want the name listed.</summary>
    public int ListedEntries { get; set; }

    /// <summary>Its number among the listed files.</summary>
    public long ListNumber { get; set; }

    /// <summary>The content that a request by name alone means: the one that has been here longest. Null when nobody described any.</summary>
    public SharedContent? MainContent => _contents.Count == 0 ? null : _contents[0];

    /// <summary>How many contents the name has.</summary>
    public int ContentCount => _contents.Count;

    /// <summary>The content with this root; null when there is none.</summary>
    public SharedContent? FindContent(Sha256Digest root) => _contents.Find(content => content.Description.Root == root);

    /// <summary>The content of this description, made when missing.</summary>
    public SharedContent GetOrAddContent(ContentDescription description)
    {
        SharedContent? content = _contents.Find(candidate => candidate.Description == description);
        if (content is null) _contents.Add(content = new SharedContent(description));
        return content;
    }

    /// <summary>Whether the content is here already.</summary>
    public bool HasContent(ContentDescription description) => _contents.Exists(candidate => candidate.Description == description);

    /// <summary>Counts one entry less; the last one takes the content with it.</summary>
    public void Release(SharedContent content)
    {
        if (--content.References == 0) _contents.Remove(content);
    }

    /// <summary>Whether a request that means <paramref name="wanted"/> gets this entry: one that says the same, or one that says nothing.</summary>
    public static bool Matches(SwarmEntry entry, SharedContent? wanted, bool exact) =>
        ReferenceEquals(entry.Content, wanted) || (entry.Content is null && !exact);
}
