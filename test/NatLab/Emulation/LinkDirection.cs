using System.Diagnostics;

namespace CS3103P2P.NatLab;

/// <summary>Decides when, if ever, a frame arrives. Pure: time and randomness come from the caller.</summary>
internal sealed class LinkDirection(Random random)
{
    private const long BitsPerByte = 8;
    private const long NanosPerSecond = 1_000_000_000;
    private long _busyUntil;
    private long _lastArrival;

    /// <summary>Arrival time in nanoseconds of a frame sent now; null when it is lost.</summary>
    public long? Schedule(LinkConditions conditions, long now, int bytes)
    {
        if (conditions.Loss > 0 && random.NextDouble() < conditions.Loss) return null;
        long departure = now;
        if (conditions.RateBitsPerSecond > 0)
        {
            long start = long.Max(now, _busyUntil);
            if (start - now > conditions.Queue.Ticks * TimeSpan.NanosecondsPerTick) return null;
            departure = start + (bytes * BitsPerByte * NanosPerSecond / conditions.RateBitsPerSecond);
            _busyUntil = departure;
        }
        long jitter = conditions.Jitter > TimeSpan.Zero ? random.NextInt64(conditions.Jitter.Ticks * TimeSpan.NanosecondsPerTick) : 0;
        long arrival = departure + (conditions.Delay.Ticks * TimeSpan.NanosecondsPerTick) + jitter;
        _lastArrival = long.Max(arrival, _lastArrival);
        Debug.Assert(_lastArrival >= now, "a frame cannot arrive before it was sent");
        return _lastArrival;
    }
}
