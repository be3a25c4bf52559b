namespace CS3103P2P.Tracker.Registry;

/// <summary>The entries of a registrant.</summary>
internal readonly struct OwnedEntries(EntryStore store, Registrant owner)
{
    /// <summary>How many there are.</summary>
    public int Count => owner.EntryCount;

    /// <summary>The entries, for those who may allocate.</summary>
    public IEnumerable<SwarmEntry> Values
    {
        get
        {
            EntryStore from = store;
            for (int id = owner.FirstEntry; id >= 0; id = from.Data[id].Next) yield return new SwarmEntry(from, id);
        }
    }

    /// <summary>The entry for a file.</summary>
    public bool TryGetValue(SharedFile file, out SwarmEntry entry)
    {
        SwarmEntry? found = store.Find(owner, file);
        entry = found.GetValueOrDefault();
        return found is not null;
    }

    /// <summary>Goes through the entries; none may be removed meanwhile.</summary>
    public Enumerator GetEnumerator() => new(store, owner.FirstEntry);

    /// <summary>Goes through the entries.</summary>
    public struct Enumerator(EntryStore store, int next)
    {
        private int _next = next;

        /// <summary>The present entry.</summary>
        public SwarmEntry Current { get; private set; }

        /// <summary>Goes on; false at the end.</summary>
        public bool MoveNext()
        {
            if (_next < 0) return false;
            Current = new SwarmEntry(store, _next);
            _next = Current.Next;
            return true;
        }
    }
}
