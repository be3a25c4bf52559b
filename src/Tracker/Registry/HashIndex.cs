namespace CS3103P2P.Tracker.Registry;

/// <summary>
/// Finds numbers by keyed hashes: small tables with open addressing, up to a few thousand, each of which grows by itself, so that no insertion waits for more
/// than a small one to be rebuilt. Keys stay with their owner, who compares them.
/// </summary>
internal sealed class HashIndex
{
    private const int SmallBits = 4;
    private const int LargeBits = 12;
    private const int MaxSmall = 1 << 16;   // few tables, which stay in the processor's cache, until then
    private const int MinSlots = 4;

    private Slot[]?[] _segments = new Slot[1 << SmallBits][];
    private int[] _used = new int[1 << SmallBits];
    private int _shift = 32 - SmallBits;

    /// <summary>How many numbers are in it.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a number under a hash.</summary>
    public void Add(ulong hash, int id)
    {
        if (Count == MaxSmall && _segments.Length == 1 << SmallBits) Spread();
        Insert(new Slot((uint)hash, id + 1));
        Count++;
    }

    /// <summary>Removes a number that was added under this hash.</summary>
    public void Remove(ulong hash, int id)
    {
        uint number = (uint)hash >> _shift;
        Slot[] slots = _segments[number] ?? throw new InvalidOperationException("No such number.");
        int mask = slots.Length - 1;
        int at = (int)hash & mask;
        while (slots[at] != new Slot((uint)hash, id + 1))
        {
            if (slots[at].Id == 0) throw new InvalidOperationException("No such number.");
            at = (at + 1) & mask;
        }

        // Whoever was pushed beyond the gap moves up.
        for (int next = (at + 1) & mask; slots[next].Id != 0; next = (next + 1) & mask)
        {
            int home = (int)slots[next].Hash & mask;
            if (((next - home) & mask) < ((next - at) & mask)) continue;
            slots[at] = slots[next];
            at = next;
        }

        slots[at] = default;
        Count--;
        if (--_used[number] == 0) _segments[number] = null;
    }

    /// <summary>The numbers whose hash agrees in its low half; valid until the next change.</summary>
    public Candidates Find(ulong hash) => new(_segments[(uint)hash >> _shift], (uint)hash);

    private void Insert(Slot slot)
    {
        uint number = slot.Hash >> _shift;
        ref Slot[]? slots = ref _segments[number];
        slots ??= new Slot[MinSlots];
        if (++_used[number] * 4 > slots.Length * 3) slots = Grown(slots);
        Insert(slots, slot);
    }

    private void Spread()
    {
        Slot[]?[] before = _segments;
        _segments = new Slot[1 << LargeBits][];
        _used = new int[1 << LargeBits];
        _shift = 32 - LargeBits;
        foreach (Slot[]? slots in before)
        {
            foreach (Slot slot in slots ?? [])
            {
                if (slot.Id != 0) Insert(slot);
            }
        }
    }

    private static Slot[] Grown(Slot[] from)
    {
        var slots = new Slot[from.Length * 2];
        foreach (Slot slot in from)
        {
            if (slot.Id != 0) Insert(slots, slot);
        }

        return slots;
    }

    private static void Insert(Slot[] slots, Slot slot)
    {
        int mask = slots.Length - 1;
        int at = (int)slot.Hash & mask;
        while (slots[at].Id != 0) at = (at + 1) & mask;
        slots[at] = slot;
    }

    /// <summary>Goes through what was found.</summary>
    public ref struct Candidates(Slot[]? slots, uint hash)
    {
        private int _at = (int)hash;

        /// <summary>A number.</summary>
        public int Current { get; private set; }

        /// <summary>Goes on; false at the end.</summary>
        public bool MoveNext()
        {
            if (slots is null) return false;
            while (true)
            {
                Slot slot = slots[_at++ & (slots.Length - 1)];
                if (slot.Id == 0) return false;
                if (slot.Hash != hash) continue;
                Current = slot.Id - 1;
                return true;
            }
        }
    }

    /// <summary>A place: the low half of the hash, and the number plus one; 0 for none.</summary>
    internal readonly record struct Slot(uint Hash, int Id);
}
