namespace CS3103P2P.Tracker.Registry;

/// <summary>
/// Finds numbers by keyed hashes: a few thousand small tables with open addressing, each of which grows by itself, so that no insertion waits for more
/// than a small one to be rebuilt. Keys stay with their owner, who compares them.
/// </summary>
internal sealed class HashIndex
{
    private const int SegmentBits = 12;
    private const int MinSlots = 4;

    private readonly Segment[] _segments = new Segment[1 << SegmentBits];

    /// <summary>How many numbers are in it.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a number under a hash.</summary>
    public void Add(ulong hash, int id)
    {
        ref Segment segment = ref SegmentOf(hash);
        segment.Slots ??= new Slot[MinSlots];
        if ((segment.Used + 1) * 4 > segment.Slots.Length * 3) Grow(ref segment);
        Insert(segment.Slots!, new Slot((uint)hash, id + 1));
        segment.Used++;
        Count++;
    }

    /// <summary>Removes a number that was added under this hash.</summary>
    public void Remove(ulong hash, int id)
    {
        ref Segment segment = ref SegmentOf(hash);
        Slot[] slots = segment.Slots ?? throw new InvalidOperationException("No such number.");
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
        if (--segment.Used == 0) segment.Slots = null;
    }

    /// <summary>The numbers whose hash agrees in 44 bits; valid until the next change.</summary>
    public Candidates Find(ulong hash) => new(SegmentOf(hash).Slots, (uint)hash);

    private ref Segment SegmentOf(ulong hash) => ref _segments[(int)(hash >> (64 - SegmentBits))];

    private static void Grow(ref Segment segment)
    {
        var slots = new Slot[segment.Slots!.Length * 2];
        foreach (Slot slot in segment.Slots)
        {
            if (slot.Id != 0) Insert(slots, slot);
        }

        segment.Slots = slots;
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

    private struct Segment
    {
        public Slot[]? Slots;   // null for none
        public int Used;
    }
}
