using CS3103P2P.Peer.Swarm;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>Holds the sum of what its users move to a rate. Thread-safe; users are served in the order in which they come.</summary>
internal sealed class RateLimiter
{
    // Timers are about as exact as this; what may go so soon goes at once.
    private static readonly TimeSpan TimerStep = TimeSpan.FromMilliseconds(2);
    private readonly Lock _gate = new();
    private readonly RateSchedule? _schedule;
    private readonly TimeProvider _timeProvider;
    private readonly MonotonicClock _clock;

    /// <param name="bitsPerSecond">The rate; null for none.</param>
    /// <param name="timeProvider">The clock.</param>
    public RateLimiter(long? bitsPerSecond, TimeProvider timeProvider)
    {
        _schedule = bitsPerSecond is { } rate ? new RateSchedule(rate) : null;
        _timeProvider = timeProvider;
        _clock = new MonotonicClock(timeProvider);
    }

    /// <summary>Lets everything through at once.</summary>
    public static RateLimiter None { get; } = new(null, TimeProvider.System);

    /// <summary>How much to wait for at once; <see cref="int.MaxValue"/> without a rate.</summary>
    public int SliceBytes => _schedule?.SliceBytes ?? int.MaxValue;

    /// <summary>Waits until these bytes may be moved.</summary>
    public ValueTask WaitAsync(int bytes, CancellationToken cancellationToken)
    {
        if (_schedule is null) return ValueTask.CompletedTask;
        TimeSpan wait;
        lock (_gate)
        {
            MonotonicTime now = _clock.Now;
            wait = _schedule.Reserve(now, bytes) - now;
        }

        return wait <= TimerStep ? ValueTask.CompletedTask : new ValueTask(Task.Delay(wait, _timeProvider, cancellationToken));
    }
}
