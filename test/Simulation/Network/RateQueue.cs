using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>One direction of a link: datagrams go out one after another at its rate.</summary>
internal sealed class RateQueue
{
    private const int HeaderBytes = 28;
    private MonotonicTime _busyUntil;

    /// <summary>Tells when a datagram is through; false when too many wait.</summary>
    public bool TryPass(MonotonicTime now, int bytes, long bytesPerSecond, long queueBytes, out MonotonicTime through)
    {
        MonotonicTime start = _busyUntil > now ? _busyUntil : now;
        through = start;
        if ((start - now).TotalSeconds * bytesPerSecond > queueBytes) return false;
        through = _busyUntil = new MonotonicTime(start.Micros + ((bytes + HeaderBytes) * 1_000_000L / bytesPerSecond));
        return true;
    }
}
