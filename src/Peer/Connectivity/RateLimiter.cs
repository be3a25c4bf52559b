using System.Diagnostics;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>Holds the sum of what its users move to a rate. Thread-safe; users are served in the order in which they come.</summary>
/// <param name="bitsPerSecond">The rate; null for none.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class RateLimiter(long? bitsPerSecond, TimeProvider timeProvider)
{
    private static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(100);
    private readonly Lock _gate = new();
    private readonly double _bytesPerSecond = (bitsPerSecond ?? 0) / 8.0;

    // When all that was admitted so far will have gone out at the rate.
    private long _busyUntil = timeProvider.GetTimestamp();

    /// <summary>Waits until these bytes may be moved.</summary>
    public ValueTask WaitAsync(int bytes, CancellationToken cancellationToken)
    {
        if (_bytesPerSecond == 0) return ValueTask.CompletedTask;
        TimeSpan wait = Admit(bytes);
        return wait <= Burst ? ValueTask.CompletedTask : new ValueTask(Task.Delay(wait - Burst, timeProvider, cancellationToken));
    }

    private TimeSpan Admit(int bytes)
    {
        Debug.Assert(bytes >= 0, "A caller moved a negative number of bytes.");
        lock (_gate)
        {
            long now = timeProvider.GetTimestamp();
            if (_busyUntil < now) _busyUntil = now;
            TimeSpan wait = timeProvider.GetElapsedTime(now, _busyUntil);
            _busyUntil += (long)(bytes / _bytesPerSecond * timeProvider.TimestampFrequency);
            return wait;
        }
    }
}
