using System.Numerics;

namespace CS3103P2P.Tracker.Registry;

/// <summary>
/// Items with small numbers that stay theirs; numbers of removed items are used again. Removing allocates nothing: a bit for each number is made together
/// with its item. So when very many end together, the collector has no work, and causes no pauses.
/// </summary>
internal sealed class IdTable<T>
{
    private const int GroupBits = 6;
    private const int GroupMask = (1 << GroupBits) - 1;
    private const int NoGroup = -1;

    private readonly PagedList<T> _items = new();
    private readonly PagedList<Group> _groups = new();
    private int _firstFree = NoGroup;
    private int _freeCount;

    /// <summary>How many items there are.</summary>
    public int Count => _items.Count - _freeCount;

    /// <summary>The item of a number.</summary>
    public ref T this[int id] => ref _items[id];

    /// <summary>Adds an item; its number.</summary>
    public int Add(T item)
    {
        if (_firstFree == NoGroup)
        {
            if (_items.Count == _groups.Count << GroupBits) _groups.Add(default);
            return _items.Add(item);
        }

        ref Group group = ref _groups[_firstFree];
        int id = (_firstFree << GroupBits) | BitOperations.TrailingZeroCount(group.Free);
        group.Free &= group.Free - 1;
        if (group.Free == 0) _firstFree = group.NextFree;
        _freeCount--;
        _items[id] = item;
        return id;
    }

    /// <summary>Removes an item.</summary>
    public void Remove(int id)
    {
        _items[id] = default!;
        ref Group group = ref _groups[id >> GroupBits];
        if (group.Free == 0) (group.NextFree, _firstFree) = (_firstFree, id >> GroupBits);
        group.Free |= 1UL << (id & GroupMask);
        _freeCount++;
    }

    /// <summary>64 numbers: a bit is set where one is free. Those with a free one stand in a list.</summary>
    private struct Group
    {
        public ulong Free;
        public int NextFree;
    }
}
