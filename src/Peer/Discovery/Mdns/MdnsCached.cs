using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Discovery.Mdns;

/// <summary>A record that another host sent, with its ageing (RFC 6762 §5.2): asked for again at 80, 85, 90 and 95 % of its lifetime.</summary>
internal sealed class MdnsCached
{
    private const int Refreshes = 4;
    private const double FirstRefresh = 0.80;
    private const double RefreshStep = 0.05;
    private const double RefreshSpread = 0.02;
    private const uint MaxTtlSeconds = 86_400;
    private static readonly TimeSpan GoodbyeDelay = TimeSpan.FromSeconds(1); // §10.1
    private int _refreshes;

    public MdnsCached(byte[] data, MonotonicTime now, uint ttlSeconds, Random random)
    {
        Data = data;
        ReceivedAt = now;
        Renew(now, ttlSeconds, random);
    }

    /// <summary>The data, uncompressed.</summary>
    public byte[] Data { get; }

    public MonotonicTime ReceivedAt { get; private set; }

    public MonotonicTime ExpiresAt { get; private set; }

    /// <summary>When to ask again; null when that is over.</summary>
    public MonotonicTime? RefreshAt { get; private set; }

    private TimeSpan Lifetime => ExpiresAt - ReceivedAt;

    /// <summary>The record came again; a lifetime of 0 is a goodbye and leaves a second for somebody to contradict.</summary>
    public void Renew(MonotonicTime now, uint ttlSeconds, Random random)
    {
        if (ttlSeconds == 0)
        {
            ExpireSoon(now);
            return;
        }

        ReceivedAt = now;
        ExpiresAt = now + TimeSpan.FromSeconds(Math.Min(ttlSeconds, MaxTtlSeconds));
        _refreshes = 0;
        PlanRefresh(random);
    }

    /// <summary>Another record has taken its place (§10.2), or it was withdrawn.</summary>
    public void ExpireSoon(MonotonicTime now)
    {
        MonotonicTime soon = now + GoodbyeDelay;
        if (soon < ExpiresAt || ExpiresAt == default) ExpiresAt = soon;
        RefreshAt = null;
    }

    /// <summary>The question was asked again.</summary>
    public void HandleRefreshed(Random random)
    {
        _refreshes++;
        PlanRefresh(random);
    }

    /// <summary>Seconds left, for a known answer; 0 when less than half the lifetime is left (§7.1).</summary>
    public uint KnownAnswerTtl(MonotonicTime now)
    {
        TimeSpan left = ExpiresAt - now;
        return left > Lifetime / 2 ? (uint)left.TotalSeconds : 0;
    }

    private void PlanRefresh(Random random)
    {
        double point = FirstRefresh + (RefreshStep * _refreshes) + (RefreshSpread * random.NextDouble());
        RefreshAt = _refreshes < Refreshes ? ReceivedAt + (Lifetime * point) : null;
    }
}
