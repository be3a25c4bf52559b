namespace CS3103P2P.Tracker.Registry;

/// <summary>Items with small numbers that stay theirs; numbers of removed items are used again.</summary>
internal sealed class IdTable<T>
{
    private readonly PagedList<T> _items = new();
    private readonly PagedList<int> _free = new();

    /// <summary>How many items there are.</summary>
    public int Count => _items.Count - _free.Count;

    /// <summary>The item of a number.</summary>
    public ref T this[int id] => ref _items[id];

    /// <summary>Adds an item; its number.</summary>
    public int Add(T item)
    {
        if (_free.Count == 0) return _items.Add(item);
        int id = _free.RemoveLast();
        _items[id] = item;
        return id;
    }

    /// <summary>Removes an item.</summary>
    public void Remove(int id)
    {
        _items[id] = default!;
        _free.Add(id);
    }
}
