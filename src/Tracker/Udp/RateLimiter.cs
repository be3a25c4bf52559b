using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Registry;
using CS3103P2P.Transport;

namespace CS3103P2P.Tracker.Udp;

/// <summary>
/// A token bucket a source in a table of fixed size. A source is an IPv4 address or an IPv6 /64. When more sources come than the table holds, one that
/// has been quiet gives way; loopback is not limited.
/// </summary>
internal sealed class RateLimiter
{
    private const int Ways = 4;
    private const double MicrosPerSecond = 1_000_000;

    private readonly int _sources;
    private Bucket[] _buckets;
    private double _perMicro;
    private double _burst;

    /// <param name="perSecond">What a source may spend a second; 0 for no limit.</param>
    /// <param name="burst">What it may spend at once.</param>
    /// <param name="sources">How many sources are told apart; a power of two.</param>
    public RateLimiter(double perSecond, double burst, int sources)
    {
        _sources = sources;
        _buckets = [];
        Change(perSecond, burst);
    }

    /// <summary>Changes the rate; what sources have spent already counts.</summary>
    public void Change(double perSecond, double burst)
    {
        _perMicro = perSecond / MicrosPerSecond;
        _burst = burst;
        int buckets = perSecond > 0 ? _sources : 0;
        if (_buckets.Length != buckets) _buckets = new Bucket[buckets];
    }

    /// <summary>Spends from the source's bucket; false when there is not enough in it.</summary>
    public bool TrySpend(MonotonicTime now, TransportAddress source, double amount)
    {
        if (_buckets.Length == 0 || source.IsLoopback) return true;
        ref Bucket bucket = ref Find(now, SourceAccounts.KeyOf(source));
        bucket.Tokens = Math.Min(_burst, bucket.Tokens + ((now.Micros - bucket.Micros) * _perMicro));
        bucket.Micros = now.Micros;
        if (bucket.Tokens < amount) return false;
        bucket.Tokens -= amount;
        return true;
    }

    private ref Bucket Find(MonotonicTime now, UInt128 source)
    {
        int set = (source.GetHashCode() & int.MaxValue) % (_buckets.Length / Ways) * Ways;
        int oldest = set;
        for (int i = set; i < set + Ways; i++)
        {
            if (_buckets[i].Used && _buckets[i].Source == source) return ref _buckets[i];
            if (!_buckets[oldest].Used) continue;
            if (!_buckets[i].Used || _buckets[i].Micros < _buckets[oldest].Micros) oldest = i;
        }

        _buckets[oldest] = new Bucket { Source = source, Used = true, Tokens = _burst, Micros = now.Micros };
        return ref _buckets[oldest];
    }

    private struct Bucket
    {
        public UInt128 Source;
        public bool Used;
        public double Tokens;
        public long Micros;
    }
}
