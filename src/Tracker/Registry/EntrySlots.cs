namespace CS3103P2P.Tracker.Registry;

/// <summary>
/// The entries of a file in the order in which they came, each with a number that grows: so a page mark still means something after others came and
/// went. Adding and removing cost O(1) amortised, finding a number O(log n); eight bytes an entry.
/// </summary>
internal sealed class EntrySlots(EntryStore store)
{
    private const int MinSlotsToCompact = 16;
    private const int Removed = -1;

    private Slot[] _slots = [];
    private uint _nextNumber;

    /// <summary>How many entries there are.</summary>
    public int Count { get; private set; }

    /// <summary>How many slots there are, those of removed entries among them.</summary>
    public int SlotCount { get; private set; }

    /// <summary>Adds an entry at the end; its number.</summary>
    public uint Add(int id)
    {
        if (_nextNumber == uint.MaxValue) Renumber();
        if (SlotCount == _slots.Length) Resize(Math.Max(4, SlotCount + (SlotCount / 2)));
        _slots[SlotCount++] = new Slot(_nextNumber, id);
        Count++;
        store.SpareSlots--;
        return _nextNumber++;
    }

    /// <summary>Removes the entry with this number.</summary>
    public void Remove(uint number)
    {
        int at = IndexOf(number);
        if (at == SlotCount || _slots[at].Number != number || _slots[at].Id == Removed) throw new InvalidOperationException("No such entry.");
        _slots[at] = new Slot(number, Removed);
        Count--;
        store.SpareSlots++;
        if (SlotCount >= MinSlotsToCompact && Count <= SlotCount / 2) Compact();
    }

    /// <summary>Gives all memory back, when the file goes; there must be no entries.</summary>
    public void Free()
    {
        if (Count > 0) throw new InvalidOperationException("There are entries.");
        store.SpareSlots -= _slots.Length;
        (_slots, SlotCount) = ([], 0);
    }

    /// <summary>The first slot whose number is at least this; <see cref="SlotCount"/> when there is none.</summary>
    public int IndexOf(long number)
    {
        int low = 0;
        int high = SlotCount;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_slots[middle].Number < number) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    /// <summary>The entry in a slot; null when it was removed.</summary>
    public SwarmEntry? At(int slot)
    {
        int id = _slots[slot].Id;
        return id == Removed ? null : new SwarmEntry(store, id);
    }

    /// <summary>The number of a slot.</summary>
    public long NumberAt(int slot) => _slots[slot].Number;

    /// <summary>The entry with the most chunks among a few that stand far apart; <see cref="EntryData.None"/> when there is none.</summary>
    public int FindFull()
    {
        const int Looks = 64;
        int best = EntryData.None;
        int step = Math.Max(1, SlotCount / Looks);
        for (int i = 0; i < SlotCount; i += step)
        {
            if (_slots[i].Id != Removed && (best < 0 || new EntryChunks(store, _slots[i].Id).Count > new EntryChunks(store, best).Count)) best = _slots[i].Id;
        }

        return best;
    }

    // In place, while all files together do not waste much: see EntryStore.MaxSpareSlots.
    private void Compact()
    {
        int to = 0;
        for (int from = 0; from < SlotCount; from++)
        {
            if (_slots[from].Id != Removed) _slots[to++] = _slots[from];
        }

        SlotCount = to;
        if (Count <= _slots.Length / 4 && store.SpareSlots > store.MaxSpareSlots) Resize(Math.Max(4, Count + (Count / 4)));
    }

    private void Resize(int length)
    {
        store.SpareSlots += length - _slots.Length;
        Array.Resize(ref _slots, length);
    }

    // After four thousand million entries; marks of pages under way then lead elsewhere.
    private void Renumber()
    {
        Compact();
        for (int i = 0; i < SlotCount; i++)
        {
            store.Data[_slots[i].Id].Number = (uint)i;
            _slots[i] = new Slot((uint)i, _slots[i].Id);
        }

        _nextNumber = (uint)SlotCount;
    }

    private readonly record struct Slot(uint Number, int Id);
}
