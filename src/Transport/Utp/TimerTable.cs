namespace CS3103P2P.Transport.Utp;

/// <summary>The deadlines of one connection's timers, indexed by <see cref="UtpTimer"/>.</summary>
internal sealed class TimerTable
{
    private readonly long[] _deadlines = new long[(int)UtpTimer.Count];

    public TimerTable() => StopAll();

    /// <summary>The earliest deadline; <see cref="MonotonicTime.Never"/> when no timer runs.</summary>
    public MonotonicTime Earliest { get; private set; }

    public bool IsRunning(UtpTimer timer) => _deadlines[(int)timer] != long.MaxValue;

    public void Set(UtpTimer timer, MonotonicTime deadline)
    {
        ref long slot = ref _deadlines[(int)timer];
        long previous = slot;
        slot = deadline.Micros;
        if (slot <= Earliest.Micros) Earliest = deadline;
        else if (previous == Earliest.Micros) Refresh();
    }

    /// <summary>Starts the timer, or moves it forward; a later deadline than the one set is left to be seen when the timer fires.</summary>
    public void SetNoLaterThan(UtpTimer timer, MonotonicTime deadline)
    {
        if (deadline.Micros < _deadlines[(int)timer]) Set(timer, deadline);
    }

    public void Stop(UtpTimer timer)
    {
        if (IsRunning(timer)) Set(timer, MonotonicTime.Never);
    }

    public void StopAll()
    {
        Array.Fill(_deadlines, long.MaxValue);
        Earliest = MonotonicTime.Never;
    }

    /// <summary>Stops one timer that is due and names it; false when none is.</summary>
    public bool TryTakeDue(MonotonicTime now, out UtpTimer timer)
    {
        timer = default;
        if (now < Earliest) return false;
        for (int i = 0; i < _deadlines.Length; i++)
        {
            if (_deadlines[i] > now.Micros) continue;
            timer = (UtpTimer)i;
            Stop(timer);
            return true;
        }

        return false;
    }

    private void Refresh()
    {
        long earliest = long.MaxValue;
        foreach (long deadline in _deadlines) earliest = Math.Min(earliest, deadline);
        Earliest = new MonotonicTime(earliest);
    }
}
