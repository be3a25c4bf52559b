namespace CS3103P2P.Simulation;

/// <summary>What is still to be done, the earliest first; things for the same time in the order in which they were put there. A heap of four children a node.</summary>
internal sealed class Agenda
{
    private const int Children = 4;
    private const int FirstCapacity = 1_024;
    private Entry[] _entries = new Entry[FirstCapacity];
    private long _lastNumber;

    public int Count { get; private set; }

    public void Add(long micros, Action action)
    {
        if (Count == _entries.Length) Array.Resize(ref _entries, 2 * Count);
        var added = new Entry(micros, ++_lastNumber, action);
        Entry[] entries = _entries;
        int at = Count++;
        while (at > 0)
        {
            int parent = (at - 1) / Children;
            if (!added.IsBefore(entries[parent])) break;
            entries[at] = entries[parent];
            at = parent;
        }

        entries[at] = added;
    }

    /// <summary>Takes the earliest; false when it is later than a limit, or when there is none.</summary>
    public bool TryTake(long limitMicros, out long micros, out Action action)
    {
        Entry first = _entries[0];
        if (Count == 0 || first.Micros > limitMicros)
        {
            (micros, action) = (0, null!);
            return false;
        }

        (micros, action) = (first.Micros, first.Action);
        Entry last = _entries[--Count];
        _entries[Count] = default;
        if (Count > 0) Sink(last);
        return true;
    }

    private void Sink(in Entry sinking)
    {
        Entry[] entries = _entries;
        int at = 0;
        while (true)
        {
            int child = (at * Children) + 1;
            if (child >= Count) break;
            int end = Math.Min(child + Children, Count);
            int earliest = child;
            for (int other = child + 1; other < end; other++)
            {
                if (entries[other].IsBefore(entries[earliest])) earliest = other;
            }

            if (!entries[earliest].IsBefore(sinking)) break;
            entries[at] = entries[earliest];
            at = earliest;
        }

        entries[at] = sinking;
    }

    private readonly struct Entry(long micros, long number, Action action)
    {
        public readonly long Micros = micros;
        public readonly Action Action = action;
        private readonly long _number = number;

        public bool IsBefore(in Entry other) => Micros < other.Micros || (Micros == other.Micros && _number < other._number);
    }
}
