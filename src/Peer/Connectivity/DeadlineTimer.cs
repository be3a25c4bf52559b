using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>
/// Wakes its owner when something is due, and never otherwise. Thread-safe; the owner's look never runs twice at once. The owner changes what is due
/// first and calls <see cref="Arm"/> then, so that a look either sees the change or comes after it.
/// </summary>
internal sealed class DeadlineTimer : IAsyncDisposable
{
    /// <summary>The shortest time between two looks, so that a deadline which is not met cannot keep a processor busy.</summary>
    public static readonly TimeSpan MinSpacing = TimeSpan.FromMilliseconds(10);

    private readonly Lock _gate = new();
    private readonly MonotonicClock _clock;
    private readonly Action _look;
    private readonly ITimer _timer;
    private MonotonicTime _armedFor = MonotonicTime.Never;
    private MonotonicTime _earliest;
    private bool _isLooking;
    private bool _isDisposed;

    /// <param name="timeProvider">Makes the timer.</param>
    /// <param name="clock">The clock of the deadlines.</param>
    /// <param name="look">Does what is due, and arms for what is due next. Must not throw.</param>
    public DeadlineTimer(TimeProvider timeProvider, MonotonicClock clock, Action look)
    {
        _clock = clock;
        _look = look;
        _timer = timeProvider.CreateTimer(static timer => ((DeadlineTimer)timer!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Has the owner look at this time at the latest; null changes nothing.</summary>
    public void Arm(MonotonicTime? deadline)
    {
        if (deadline is not { } due) return;
        lock (_gate)
        {
            if (due >= _armedFor || _isDisposed) return;
            _armedFor = due;
            if (!_isLooking) Set(_clock.Now);
        }
    }

    /// <summary>Waits for a look that is under way, unless this is it; none comes after.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate) _isDisposed = true;
        return _timer.DisposeAsync();
    }

    private void Fire()
    {
        lock (_gate)
        {
            if (_isLooking || _isDisposed || _armedFor == MonotonicTime.Never) return;
            MonotonicTime now = _clock.Now;
            if (now < _armedFor || now < _earliest)
            {
                // The system's timers are not as exact as the clock.
                Set(now);
                return;
            }

            _armedFor = MonotonicTime.Never;
            _earliest = now + MinSpacing;
            _isLooking = true;
        }

        _look();
        lock (_gate)
        {
            _isLooking = false;
            if (_armedFor != MonotonicTime.Never && !_isDisposed) Set(_clock.Now);
        }
    }

    // Held: the gate. Whole milliseconds, and up, because that is what timers count.
    private void Set(MonotonicTime now)
    {
        MonotonicTime due = _armedFor > _earliest ? _armedFor : _earliest;
        TimeSpan wait = TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling((due - now).TotalMilliseconds)));
        _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }
}
