using System.Buffers.Binary;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Registry;
using CS3103P2P.Transport;

namespace CS3103P2P.Tracker.Udp;

/// <summary>
/// A token bucket a source in a table of fixed size. A source is an IPv4 address or an IPv6 /56; an IPv4 /24 has a bucket too, which holds more. When more
/// sources come than the table holds, one that has been quiet gives way; the hash is keyed, so nobody can choose which. Loopback is not limited.
/// </summary>
internal sealed class RateLimiter
{
    /// <summary>How much more an IPv4 /24 may spend than one address.</summary>
    public const int NetworkFactor = 16;

    private const int Ways = 4;
    private const int PrefixBitsV6 = 56;
    private static readonly UInt128 AddressMark = UInt128.One << 100;   // tell the kinds of keys apart
    private static readonly UInt128 NetworkMark = UInt128.One << 101;
    private const double MicrosPerSecond = 1_000_000;

    private readonly int _sources;
    private readonly UInt128 _hashKey;
    private Bucket[] _buckets;
    private int _used;
    private double _perMicro;
    private double _burst;

    /// <param name="perSecond">What a source may spend a second; 0 for no limit.</param>
    /// <param name="burst">What it may spend at once.</param>
    /// <param name="sources">How many sources are told apart; a power of two.</param>
    /// <param name="hashKey">Random bits that nobody else knows.</param>
    public RateLimiter(double perSecond, double burst, int sources, UInt128 hashKey = default)
    {
        _hashKey = hashKey;
        _sources = sources;
        _buckets = [];
        Change(perSecond, burst);
    }

    /// <summary>Sources that are told apart now, and places for them.</summary>
    public TableUse Use(string table) => new(table, _used, _buckets.Length);

    /// <summary>Changes the rate; what sources have spent already counts.</summary>
    public void Change(double perSecond, double burst)
    {
        _perMicro = perSecond / MicrosPerSecond;
        _burst = burst;
        int buckets = perSecond > 0 ? _sources : 0;
        if (_buckets.Length != buckets) (_buckets, _used) = (new Bucket[buckets], 0);
    }

    /// <summary>Spends from the source's bucket; false when there is not enough in it.</summary>
    public bool TrySpend(MonotonicTime now, TransportAddress source, double amount)
    {
        if (_buckets.Length == 0 || source.IsLoopback) return true;
        if (!source.IsIPv4) return TrySpend(now, source.AddressBits >> (128 - PrefixBitsV6), amount, 1);
        ulong address = source.ToIPv4Bits();

        // The single address first: so it does not use up what its neighbours have.
        return TrySpend(now, address | AddressMark, amount, 1) && TrySpend(now, (address >> 8) | NetworkMark, amount, NetworkFactor);
    }

    private bool TrySpend(MonotonicTime now, UInt128 prefix, double amount, double factor)
    {
        ref Bucket bucket = ref Find(now, prefix, factor);
        bucket.Tokens = Math.Min(_burst * factor, bucket.Tokens + ((now.Micros - bucket.Micros) * _perMicro * factor));
        bucket.Micros = now.Micros;
        if (bucket.Tokens < amount) return false;
        bucket.Tokens -= amount;
        return true;
    }

    private ref Bucket Find(MonotonicTime now, UInt128 source, double factor)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, source);
        int set = (int)SipHash.Compute((ulong)_hashKey, (ulong)(_hashKey >> 64), bytes) & ((_buckets.Length / Ways) - 1);
        set *= Ways;
        int oldest = set;
        for (int i = set; i < set + Ways; i++)
        {
            if (_buckets[i].Used && _buckets[i].Source == source) return ref _buckets[i];
            if (!_buckets[oldest].Used) continue;
            if (!_buckets[i].Used || _buckets[i].Micros < _buckets[oldest].Micros) oldest = i;
        }

        if (!_buckets[oldest].Used) _used++;
        _buckets[oldest] = new Bucket { Source = source, Used = true, Tokens = _burst * factor, Micros = now.Micros };
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
