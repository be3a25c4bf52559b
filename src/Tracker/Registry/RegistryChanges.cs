namespace CS3103P2P.Tracker.Registry;

/// <summary>What goes to other trackers together. Each registrant and each entry stands in it once at most.</summary>
internal sealed class RegistryChanges
{
    private const int MaxRegistrants = 1_000;
    private const int MaxEntries = 4_000;
    private const int MaxChunkBytes = 4 << 20;

    private readonly List<RegistrantRecord> _registrants = [];
    private readonly List<EntryRecord> _entries = [];
    private int _chunkBytes;

    /// <summary>Registrants that came, changed or went.</summary>
    public IReadOnlyList<RegistrantRecord> Registrants => _registrants;

    /// <summary>Entries that came, changed or went; those of registrants that went are not named.</summary>
    public IReadOnlyList<EntryRecord> Entries => _entries;

    /// <summary>Whether there is nothing to tell.</summary>
    public bool IsEmpty => _registrants.Count == 0 && _entries.Count == 0;

    /// <summary>Whether the rest had better go separately.</summary>
    public bool IsFull => _registrants.Count >= MaxRegistrants || _entries.Count >= MaxEntries || _chunkBytes >= MaxChunkBytes;

    /// <summary>Adds a registrant.</summary>
    public void Add(RegistrantRecord registrant) => _registrants.Add(registrant);

    /// <summary>Adds an entry.</summary>
    public void Add(EntryRecord entry)
    {
        _entries.Add(entry);
        _chunkBytes += entry.Chunks.Length;
    }
}
