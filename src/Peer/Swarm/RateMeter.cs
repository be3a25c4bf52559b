using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Swarm;

/// <summary>A moving average of bytes per second, over about two seconds.</summary>
internal sealed class RateMeter(MonotonicTime start)
{
    private const double WindowSeconds = 0.2;
    private const double MemorySeconds = 2;
    private MonotonicTime _windowStart = start;
    private long _windowBytes;
    private double _rate;
    private bool _any;

    public void Add(MonotonicTime now, long bytes)
    {
        Roll(now);
        _windowBytes += bytes;
    }

    /// <summary>The rate as last computed.</summary>
    public double LastBytesPerSecond => _rate;

    /// <summary>Goes on after a time in which nothing was expected: that time does not count.</summary>
    public void Resume(MonotonicTime now)
    {
        _windowStart = now;
        _windowBytes = 0;
    }

    /// <summary>Bytes per second; 0 before anything came.</summary>
    public double BytesPerSecond(MonotonicTime now)
    {
        Roll(now);
        return _rate;
    }

    private void Roll(MonotonicTime now)
    {
        double seconds = (now - _windowStart).TotalSeconds;
        if (seconds < WindowSeconds) return;
        double rate = _windowBytes / seconds;
        double weight = _any ? 1 - Math.Exp(-seconds / MemorySeconds) : 1;
        if (_any || _windowBytes > 0) _rate += (rate - _rate) * weight;
        _any |= _windowBytes > 0;
        _windowStart = now;
        _windowBytes = 0;
    }
}
