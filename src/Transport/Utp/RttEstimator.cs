namespace CS3103P2P.Transport.Utp;

/// <summary>Round-trip time and retransmission timeout (BEP 29, "timeouts"; RFC 6298 §2).</summary>
internal sealed class RttEstimator
{
    public const long InitialTimeoutMicros = 1_000_000;
    public const long MinTimeoutMicros = 500_000;
    public const long MaxTimeoutMicros = 20_000_000;
    private const long MinRttWindowMicros = 10_000_000;

    private long _varianceMicros;
    private MonotonicTime _minTakenAt;
    private int _backoff;

    /// <summary>Smoothed round-trip time; 0 before the first sample.</summary>
    public long SmoothedMicros { get; private set; }

    /// <summary>The latest sample.</summary>
    public long LatestMicros { get; private set; }

    /// <summary>The least round-trip time of the last ten seconds or so; 0 before the first sample.</summary>
    public long MinMicros { get; private set; }

    /// <summary>How many timeouts in a row doubled the timeout.</summary>
    public int Backoff => _backoff;

    /// <summary>The retransmission timeout with backoff.</summary>
    public long TimeoutMicros
    {
        get
        {
            long basis = SmoothedMicros == 0
                ? InitialTimeoutMicros
                : Math.Max(SmoothedMicros + (4 * _varianceMicros), MinTimeoutMicros);
            return Math.Min(basis << Math.Min(_backoff, 6), MaxTimeoutMicros);
        }
    }

    public void HandleSample(MonotonicTime now, long rttMicros)
    {
        long sample = Math.Max(rttMicros, 1);
        LatestMicros = sample;
        if (SmoothedMicros == 0)
        {
            SmoothedMicros = sample;
            _varianceMicros = sample / 2;
        }
        else
        {
            _varianceMicros += (Math.Abs(SmoothedMicros - sample) - _varianceMicros) / 4;
            SmoothedMicros = Math.Max(1, SmoothedMicros + ((sample - SmoothedMicros) / 8));
        }

        if (MinMicros == 0 || sample <= MinMicros || (now - _minTakenAt).TotalMicroseconds > MinRttWindowMicros)
        {
            MinMicros = sample;
            _minTakenAt = now;
        }
    }

    public void HandleTimeout() => _backoff++;

    /// <summary>The peer acknowledged something new: the timeout is no longer backed off.</summary>
    public void HandleProgress() => _backoff = 0;

    /// <summary>Forgets what was learnt on another path.</summary>
    public void Reset()
    {
        SmoothedMicros = LatestMicros = MinMicros = _varianceMicros = 0;
        _backoff = 0;
    }
}
