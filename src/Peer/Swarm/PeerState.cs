using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Swarm;

/// <summary>What a <see cref="DownloadMachine"/> knows of one peer.</summary>
internal sealed class PeerState(int number, int chunkCount, MonotonicTime now)
{
    private const long DefaultRoundTripMicros = 100_000;
    private const long MinRoundTripMicros = 2_000;
    private const int PipelineRoundTrips = 3;
    private const long RefillBytes = 256 * 1024;
    private const double AssumedBytesPerSecond = 1e6;

    /// <summary>Its number.</summary>
    public int Number { get; } = number;

    /// <summary>The chunks that it has.</summary>
    public ChunkBitmap Have { get; } = new(chunkCount);

    /// <summary>The chunks asked of it, with the time of asking.</summary>
    public Dictionary<int, MonotonicTime> Asked { get; } = [];

    /// <summary>When it last gave something, or was first asked after owing nothing.</summary>
    public MonotonicTime LastProgress { get; private set; } = now;

    /// <summary>Until when it is left alone.</summary>
    public MonotonicTime PausedUntil { get; private set; }

    /// <summary>Failures since it last gave something.</summary>
    public int Failures { get; private set; }

    /// <summary>Hashes asked of it and not yet answered.</summary>
    public int MetadataAsked { get; set; }

    private readonly RateMeter _rate = new(now);
    private long _roundTripMicros = DefaultRoundTripMicros;
    private bool _askedWhileIdle;
    private bool _isFilling;

    public bool IsPaused(MonotonicTime now) => now < PausedUntil;

    /// <summary>Whether it may be asked for another chunk of this size.</summary>
    public bool HasRoom(MonotonicTime now, SwarmLimits limits, int chunkSize)
    {
        if (IsPaused(now) || Asked.Count >= limits.MaxPeerChunks) return false;
        if (Failures > 0) return Asked.Count == 0;
        if (Asked.Count < 2) return true;
        long target = TargetBytes(now, limits);

        long room = Math.Min(target, (long)limits.MaxPeerChunks * chunkSize) - ((long)Asked.Count * chunkSize);

        // Small chunks are asked for together: a pipeline is filled up when some of it is empty, not chunk by chunk.
        bool isRefill = room > 0 && (_isFilling || room >= Math.Min(target / 4, RefillBytes));
        _isFilling = isRefill && room > chunkSize;
        return isRefill;
    }

    /// <summary>Seconds until it will have given all that was asked of it and some more, as far as its rate tells.</summary>
    public double SecondsOwed(MonotonicTime now, int chunkSize, int extraChunks = 0)
    {
        double rate = BytesPerSecond(now);
        return (Asked.Count + extraChunks) * (double)chunkSize / (rate > 0 ? rate : AssumedBytesPerSecond);
    }

    /// <summary>Its rate now, or when it last owed something.</summary>
    public double BytesPerSecond(MonotonicTime now) => Asked.Count > 0 ? _rate.BytesPerSecond(now) : _rate.LastBytesPerSecond;

    public void Ask(MonotonicTime now, int chunk)
    {
        if (Asked.Count == 0 && MetadataAsked == 0)
        {
            LastProgress = now;
            _rate.Resume(now);
            _askedWhileIdle = true;
        }

        Asked.Add(chunk, now);
    }

    /// <summary>Notes bytes of a chunk.</summary>
    public void Receive(MonotonicTime now, int bytes)
    {
        if (_askedWhileIdle)
        {
            // Nothing stood before this request, so the time to its first bytes is the round trip.
            long micros = Math.Max((now - LastProgress).Ticks / TimeSpan.TicksPerMicrosecond, MinRoundTripMicros);
            _roundTripMicros = _roundTripMicros == DefaultRoundTripMicros ? micros : Math.Min(_roundTripMicros, micros);
            _askedWhileIdle = false;
        }

        LastProgress = now;
        Failures = 0;
        _rate.Add(now, bytes);
    }

    public void NoteProgress(MonotonicTime now) => LastProgress = now;

    /// <summary>Leaves it alone for a while that doubles with every failure.</summary>
    public void Fail(MonotonicTime now, SwarmLimits limits)
    {
        PausedUntil = now + (limits.FirstPause * (1 << Math.Min(Failures, 5)));
        Failures++;
    }

    private long TargetBytes(MonotonicTime now, SwarmLimits limits)
    {
        double rate = BytesPerSecond(now);
        if (rate == 0) return limits.FirstPeerBytes;
        long bytes = (long)(rate * _roundTripMicros / 1e6 * PipelineRoundTrips);
        // A tenth of a second's worth on top: a pipeline must not run dry between two turns of the loop.
        return Math.Clamp(bytes + (long)(rate / 10), limits.FirstPeerBytes / 4, limits.MaxPeerBytes);
    }
}
