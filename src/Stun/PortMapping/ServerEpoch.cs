using CS3103P2P.Transport;

namespace CS3103P2P.Stun.PortMapping;

/// <summary>
/// Notices from the seconds that a router counts since it lost its state that it has lost it again. PCP also distrusts a count that
/// runs ahead (RFC 6887 §8.5); NAT-PMP only one that is too low (RFC 6886 §3.6).
/// </summary>
internal sealed class ServerEpoch(bool distrustAhead)
{
    private const long ToleranceSeconds = 2;
    private MonotonicTime _readAt;
    private long _seconds = -1;

    /// <summary>Takes a count; true when the router lost its state since the one before.</summary>
    public bool Update(MonotonicTime now, uint epochSeconds)
    {
        long before = _seconds;
        long elapsed = (long)now.Since(_readAt).TotalSeconds;
        _seconds = epochSeconds;
        _readAt = now;
        if (before < 0) return false;
        return distrustAhead ? IsPcpReset(before, epochSeconds, elapsed) : epochSeconds < before + (elapsed * 7 / 8) - ToleranceSeconds;
    }

    private static bool IsPcpReset(long before, long after, long clientDelta)
    {
        if (after + 1 < before) return true;
        long serverDelta = after - before;
        return clientDelta + ToleranceSeconds < serverDelta - (serverDelta / 16)
            || serverDelta + ToleranceSeconds < clientDelta - (clientDelta / 16);
    }
}
