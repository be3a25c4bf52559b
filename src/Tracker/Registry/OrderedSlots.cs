namespace CS3103P2P.Tracker.Registry;

/// <summary>
/// Items in the order in which they came, each with a number that stays its own: so a page mark still means something after others came and went.
/// Adding and removing cost O(1) amortised, finding a number O(log n).
/// </summary>
internal sealed class OrderedSlots<T>
    where T : class
{
    private const int MinSlotsToCompact = 16;

    private readonly List<Slot> _slots = [];
    private long _nextNumber;

    /// <summary>How many items there are.</summary>
    public int Count { get; private set; }

    /// <summary>How many slots there are, those of removed items among them.</summary>
    public int SlotCount => _slots.Count;

    /// <summary>Adds an item at the end; returns its number.</summary>
    public long Add(T item)
    {
        _slots.Add(new Slot(_nextNumber, item));
        Count++;
        return _nextNumber++;
    }

    /// <summary>Removes the item with this number.</summary>
    public void Remove(long number)
    {
        int at = IndexOf(number);
        if (at == _slots.Count || _slots[at].Number != number || _slots[at].Item is null) throw new InvalidOperationException("No such item.");
        _slots[at] = new Slot(number, null);
        Count--;
        if (_slots.Count >= MinSlotsToCompact && Count <= _slots.Count / 2) _slots.RemoveAll(slot => slot.Item is null);
    }

    /// <summary>The first slot whose number is at least this; <see cref="SlotCount"/> when there is none.</summary>
    public int IndexOf(long number)
    {
        int low = 0;
        int high = _slots.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_slots[middle].Number < number) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    /// <summary>The item in a slot; null when it was removed.</summary>
    public T? At(int slot) => _slots[slot].Item;

    /// <summary>The number of a slot.</summary>
    public long NumberAt(int slot) => _slots[slot].Number;

    private readonly record struct Slot(long Number, T? Item);
}
