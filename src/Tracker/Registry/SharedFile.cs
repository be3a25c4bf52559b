using CS3103P2P.Protocol;

namespace CS3103P2P.Tracker.Registry;

/// <summary>A name under which peers have chunks.</summary>
internal sealed class SharedFile(byte[] name, EntryStore store)
{
    private List<SharedContent>? _more;   // those after the first: most names have one content
    private SharedContent? _first;

    /// <summary>The name in UTF-8.</summary>
    public byte[] Name { get; } = name;

    /// <summary>The entries, in the order in which they were made.</summary>
    public EntrySlots Entries { get; } = new(store);

    /// <summary>Its number in the store.</summary>
    public int Id { get; set; }

    /// <summary>A number that no other file ever has.</summary>
    public ulong Serial { get; set; }

    /// <summary>Another one after each change of what replies say about the file.</summary>
    public ulong Version { get; set; }

    /// <summary>The entry with the most chunks, as far as is known, or <see cref="EntryData.None"/>: a whole one has the rarest chunks too.</summary>
    public int FullestEntry { get; set; } = EntryData.None;

    /// <summary>The same as a handle.</summary>
    public SwarmEntry? Fullest => FullestEntry < 0 ? null : new SwarmEntry(store, FullestEntry);

    /// <summary>How many entries want the name listed.</summary>
    public int ListedEntries { get; set; }

    /// <summary>Its number among the listed files.</summary>
    public long ListNumber { get; set; }

    /// <summary>The content that a request by name alone means: the one that has been here longest. Null when nobody described any.</summary>
    public SharedContent? MainContent => _first;

    /// <summary>How many contents the name has.</summary>
    public int ContentCount => (_first is null ? 0 : 1) + (_more?.Count ?? 0);

    /// <summary>The content with this root; null when there is none.</summary>
    public SharedContent? FindContent(Sha256Digest root)
    {
        for (int i = 0; i < ContentCount; i++)
        {
            if (ContentAt(i).Description.Root == root) return ContentAt(i);
        }

        return null;
    }

    /// <summary>The content with this number.</summary>
    public SharedContent? ContentOf(byte number)
    {
        for (int i = 0; i < ContentCount; i++)
        {
            if (ContentAt(i).Number == number) return ContentAt(i);
        }

        return null;
    }

    /// <summary>The content of this description, made when missing.</summary>
    public SharedContent GetOrAddContent(ContentDescription description)
    {
        if (Find(description) is { } known) return known;
        byte number = 1;
        while (ContentOf(number) is not null) number++;
        var content = new SharedContent(description, number);
        if (_first is null) _first = content;
        else (_more ??= []).Add(content);
        return content;
    }

    /// <summary>Whether the content is here already.</summary>
    public bool HasContent(ContentDescription description) => Find(description) is not null;

    /// <summary>Counts one entry less; the last one takes the content with it.</summary>
    public void Release(SharedContent content)
    {
        if (--content.References > 0) return;
        if (content != _first)
        {
            _more!.Remove(content);
            return;
        }

        _first = _more?.FirstOrDefault();
        if (_first is not null) _more!.RemoveAt(0);
    }

    /// <summary>Whether a request that means <paramref name="wanted"/> gets this entry: one that says the same, or one that says nothing.</summary>
    public static bool Matches(SwarmEntry entry, SharedContent? wanted, bool exact) =>
        entry.ContentNumber == (wanted?.Number ?? 0) || (entry.ContentNumber == 0 && !exact);

    private SharedContent ContentAt(int index) => index == 0 ? _first! : _more![index - 1];

    private SharedContent? Find(in ContentDescription description)
    {
        for (int i = 0; i < ContentCount; i++)
        {
            if (ContentAt(i).Description == description) return ContentAt(i);
        }

        return null;
    }
}
