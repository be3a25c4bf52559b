namespace CS3103P2P.Transport;

/// <summary>Reads <see cref="MonotonicTime"/> from a <see cref="TimeProvider"/>. Thread-safe.</summary>
public sealed class MonotonicClock(TimeProvider timeProvider)
{
    private readonly long _start = timeProvider.GetTimestamp();

    /// <summary>Microseconds since the clock was made.</summary>
    public MonotonicTime Now
    {
        get
        {
            long ticks = timeProvider.GetTimestamp() - _start;
            return new MonotonicTime((long)(ticks * (1_000_000.0 / timeProvider.TimestampFrequency)));
        }
    }
}
