using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Discovery.Mdns;

/// <summary>When to probe for a name and when to announce it (RFC 6762 §8).</summary>
internal sealed class MdnsProber
{
    internal const int Probes = 3;
    internal const int Announcements = 3; // two at least, §8.3
    private const int MaxConflicts = 15; // then slow down, §8.1
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan FirstAnnouncementGap = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DeferAfterTie = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ConflictWindow = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SlowDown = TimeSpan.FromSeconds(5);
    private readonly Random _random;
    private int _sent;
    private int _conflicts;
    private MonotonicTime _conflictsSince;

    public MdnsProber(MonotonicTime now, Random random)
    {
        _random = random;
        Begin(now);
    }

    /// <summary>Whether the name is ours: no probe was contradicted.</summary>
    public bool IsEstablished { get; private set; }

    public MonotonicTime? DueAt { get; private set; }

    /// <summary>Starts over, after a random quarter of a second so that hosts switched on together do not collide.</summary>
    public void Begin(MonotonicTime now)
    {
        IsEstablished = false;
        _sent = 0;
        DueAt = now + (ProbeInterval * _random.NextDouble());
    }

    /// <summary>Another host probes for the same name at this moment and wins (§8.2).</summary>
    public void Defer(MonotonicTime now)
    {
        _sent = 0;
        DueAt = now + DeferAfterTie;
    }

    /// <summary>Another host has the name: start over, more slowly when that happens often.</summary>
    public void Conflict(MonotonicTime now)
    {
        if (now.Since(_conflictsSince) > ConflictWindow) (_conflictsSince, _conflicts) = (now, 0);
        Begin(now);
        if (++_conflicts >= MaxConflicts) DueAt = now + SlowDown;
    }

    /// <summary>Counts the message that is due; true when it is a probe, false when it is an announcement.</summary>
    public bool Next(MonotonicTime now)
    {
        if (!IsEstablished && _sent < Probes)
        {
            _sent++;
            DueAt = now + ProbeInterval;
            return true;
        }

        if (!IsEstablished) (IsEstablished, _sent) = (true, 0);
        _sent++;
        DueAt = _sent == Announcements ? null : now + (FirstAnnouncementGap * (1 << (_sent - 1)));
        return false;
    }
}
