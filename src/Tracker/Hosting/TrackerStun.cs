using System.Security.Cryptography;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Udp;
using CS3103P2P.Transport;

namespace CS3103P2P.Tracker.Hosting;

/// <summary>Plans the STUN servers of a tracker, two addresses together where that makes the tests of RFC 5780 possible, and limits what one source may ask.</summary>
internal sealed class TrackerStun
{
    private const int LimitedSources = 1 << 14;
    private const int BurstSeconds = 2;
    private readonly Lock _gate = new();
    private readonly MonotonicClock _clock;
    private readonly RateLimiter _limiter;
    private long _limited;

    public TrackerStun(int requestsPerSecond, MonotonicClock clock)
    {
        _clock = clock;
        Span<byte> key = stackalloc byte[16];
        RandomNumberGenerator.Fill(key);
        _limiter = new RateLimiter(requestsPerSecond, (double)requestsPerSecond * BurstSeconds, LimitedSources, System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(key));
    }

    /// <summary>Requests left unanswered so far.</summary>
    public long Limited => Interlocked.Read(ref _limited);

    /// <summary>Whether a request is answered.</summary>
    public bool Admit(TransportAddress source)
    {
        lock (_gate)
        {
            if (_limiter.TrySpend(_clock.Now, source, 1)) return true;
            _limited++;
            return false;
        }
    }

    /// <summary>Which addresses are served together: neighbours in the list with definite, different IP addresses of one family.</summary>
    public static IEnumerable<(TransportAddress Listen, TransportAddress? Alternate)> Plan(IReadOnlyList<TransportAddress> addresses)
    {
        for (int i = 0; i < addresses.Count; i++)
        {
            TransportAddress first = addresses[i];
            if (i + 1 == addresses.Count || !ArePair(first, addresses[i + 1]))
            {
                yield return (first, null);
                continue;
            }

            TransportAddress second = addresses[++i];
            bool needsPort = second.Port != 0 && second.Port == first.Port;
            yield return (first, needsPort ? second.WithPort((ushort)(second.Port == ushort.MaxValue ? second.Port - 1 : second.Port + 1)) : second);
        }
    }

    private static bool ArePair(TransportAddress one, TransportAddress other) =>
        !one.IsUnspecified && !other.IsUnspecified && one.IsIPv4 == other.IsIPv4 && one.AddressBits != other.AddressBits;
}
