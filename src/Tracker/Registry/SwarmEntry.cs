namespace CS3103P2P.Tracker.Registry;

/// <summary>One peer's chunks of one file: a handle, good until the entry is removed.</summary>
internal readonly struct SwarmEntry(EntryStore store, int id)
{
    /// <summary>Its number in the store.</summary>
    public int Id => id;

    /// <summary>The file.</summary>
    public SharedFile File => store.Files[store.Data[id].FileId];

    /// <summary>Whose entry it is.</summary>
    public Registrant Owner => store.Registrants[store.Data[id].OwnerId];

    /// <summary>The chunks.</summary>
    public EntryChunks Chunks => new(store, id);

    /// <summary>What the content is; null when the owner did not tell.</summary>
    public SharedContent? Content => store.Data[id].Content is > 0 and byte number ? store.Files[store.Data[id].FileId].ContentOf(number) : null;

    /// <summary>Number of the content in its file; 0 when the owner did not tell.</summary>
    public byte ContentNumber => store.Data[id].Content;

    /// <summary>Whether the owner wants the name in the list of files.</summary>
    public bool IsListed => store.Data[id].IsListed;

    /// <summary>Its number among the entries of the file.</summary>
    public uint Number => store.Data[id].Number;

    /// <summary>The owner's next entry, or <see cref="EntryData.None"/>.</summary>
    public int Next => store.Data[id].Next;
}
