using CS3103P2P.Transport;

namespace CS3103P2P.Tracker.Registry;

/// <summary>
/// Leases sorted by the second in which they end: a ring of lists. Setting and cancelling cost O(1), ending costs O(what ends), and nothing is allocated.
/// The links are numbers, not references, which the collector would have to follow up when very many leases end while it is at work.
/// </summary>
internal sealed class LeaseWheel
{
    private const long TickMicros = 1_000_000;
    private const int None = -1;

    private readonly IdTable<Registrant> _registrants;
    private readonly int[] _slots;
    private long _tick;

    /// <param name="registrants">Where the registrants have their numbers.</param>
    /// <param name="maxLease">The longest lease that is ever set.</param>
    public LeaseWheel(IdTable<Registrant> registrants, TimeSpan maxLease)
    {
        _registrants = registrants;
        _slots = new int[(int)Math.Ceiling(maxLease.TotalSeconds) + 2];
        Array.Fill(_slots, None);
    }

    /// <summary>How many leases run.</summary>
    public int Count { get; private set; }

    /// <summary>When <see cref="TryFindEnded"/> is next worth calling; null when no lease runs.</summary>
    public MonotonicTime? Deadline => Count == 0 ? null : new MonotonicTime((_tick + 1) * TickMicros);

    /// <summary>Sets or moves the end of a lease.</summary>
    public void Set(MonotonicTime now, Registrant registrant, TimeSpan lease)
    {
        bool isFirst = Count == 0 || (Count == 1 && registrant.LeaseTick >= 0);
        if (isFirst) _tick = Math.Max(_tick, now.Micros / TickMicros);
        long end = (now + lease).Micros;
        long tick = Math.Clamp((end + TickMicros - 1) / TickMicros, _tick + 1, _tick + _slots.Length - 1);
        if (registrant.LeaseTick == tick) return;
        Cancel(registrant);
        Insert(registrant, tick);
    }

    /// <summary>When a lease that runs will end.</summary>
    public static MonotonicTime EndOf(Registrant registrant) => new(registrant.LeaseTick * TickMicros);

    /// <summary>Forgets a lease; harmless when there is none.</summary>
    public void Cancel(Registrant registrant)
    {
        if (registrant.LeaseTick < 0) return;
        if (registrant.PreviousLease >= 0) _registrants[registrant.PreviousLease].NextLease = registrant.NextLease;
        else _slots[registrant.LeaseTick % _slots.Length] = registrant.NextLease;
        if (registrant.NextLease >= 0) _registrants[registrant.NextLease].PreviousLease = registrant.PreviousLease;
        (registrant.PreviousLease, registrant.NextLease, registrant.LeaseTick) = (None, None, -1);
        Count--;
    }

    /// <summary>Ends a lease at once: its registrant is the next that <see cref="TryFindEnded"/> finds.</summary>
    public void End(Registrant registrant)
    {
        Cancel(registrant);
        Insert(registrant, _tick);
    }

    /// <summary>For how long leases have been over that <see cref="TryFindEnded"/> has not come to.</summary>
    public TimeSpan LagAt(MonotonicTime now) =>
        Count == 0 || now.Micros / TickMicros <= _tick ? TimeSpan.Zero : TimeSpan.FromMicroseconds(((now.Micros / TickMicros) - _tick) * TickMicros);

    /// <summary>Finds one registrant whose lease has ended, the same one until its lease is set or cancelled; false when there is none.</summary>
    public bool TryFindEnded(MonotonicTime now, out Registrant? ended)
    {
        long reached = now.Micros / TickMicros;
        if (reached - _tick > _slots.Length) _tick = reached - _slots.Length;
        for (; Count > 0; _tick++)
        {
            int first = _slots[_tick % _slots.Length];
            ended = first >= 0 ? _registrants[first] : null;
            if (ended is not null && ended.LeaseTick <= _tick) return true;
            if (_tick >= reached) break;
        }

        ended = null;
        return false;
    }

    private void Insert(Registrant registrant, long tick)
    {
        registrant.LeaseTick = tick;
        ref int head = ref _slots[tick % _slots.Length];
        (registrant.PreviousLease, registrant.NextLease) = (None, head);
        if (head >= 0) _registrants[head].PreviousLease = registrant.Id;
        head = registrant.Id;
        Count++;
    }
}
