using CS3103P2P.Transport;

namespace CS3103P2P.Stun;

/// <summary>A token bucket that holds one second's worth of bytes; 0 bytes a second mean no limit.</summary>
internal sealed class TurnByteBudget(long bytesPerSecond)
{
    private long _available;
    private MonotonicTime? _filledAt;

    public bool TrySpend(MonotonicTime now, int bytes)
    {
        if (bytesPerSecond == 0) return true;
        double seconds = _filledAt is { } since ? Math.Clamp((now - since).TotalSeconds, 0, 1) : 1;
        _available = Math.Min(bytesPerSecond, _available + (long)(seconds * bytesPerSecond));

        _filledAt = now;
        if (_available < bytes) return false;
        _available -= bytes;
        return true;
    }
}
