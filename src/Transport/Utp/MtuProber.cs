namespace CS3103P2P.Transport.Utp;

/// <summary>
/// Finds the largest datagram that a path carries (datagram PLPMTUD, RFC 8899): tries the ceiling first, then halves the interval. A
/// probe is an ordinary data packet brought to size by a padding extension; when it is lost, its payload goes again without padding,
/// so a probe costs nothing but its padding. Black holes are found by timeouts.
/// </summary>
internal sealed class MtuProber
{
    /// <summary>Datagrams of this many bytes pass every path that this product uses (RFC 8899 §5.1.2).</summary>
    public const int BaseBytes = 1_200;

    /// <summary>When the interval is narrower than this, the search ends.</summary>
    public const int PrecisionBytes = 16;

    /// <summary>Timeouts in a row after which larger datagrams than the base are taken to vanish.</summary>
    public const int BlackHoleTimeouts = 2;

    private const int MaxProbesPerSize = 3;
    private const long ProbeIntervalMicros = 100_000;
    private const long RaiseIntervalMicros = 600_000_000;

    private readonly int _ceilingBytes;
    private int _tooLargeBytes;
    private int _failures;
    private bool _inFlight;

    public MtuProber(int ceilingBytes)
    {
        _ceilingBytes = Math.Max(ceilingBytes, BaseBytes);
        _tooLargeBytes = _ceilingBytes + 1;
    }

    /// <summary>The largest datagram known to pass.</summary>
    public int DatagramBytes { get; private set; } = BaseBytes;

    /// <summary>Whether the search goes on.</summary>
    public bool IsSearching => _tooLargeBytes - DatagramBytes > (_tooLargeBytes > _ceilingBytes ? 1 : PrecisionBytes);

    /// <summary>When the next probe may leave.</summary>
    public MonotonicTime NextProbeAt { get; private set; }

    /// <summary>The size of the probe that is due; 0 when none is.</summary>
    public int PollProbe(MonotonicTime now) => _inFlight || !IsSearching || now < NextProbeAt ? 0 : CandidateBytes;

    // The ceiling is the likeliest answer, so it is tried first.
    private int CandidateBytes => _tooLargeBytes > _ceilingBytes ? _ceilingBytes : (DatagramBytes + _tooLargeBytes) / 2;

    public void HandleProbeSent(MonotonicTime now)
    {
        _inFlight = true;
        NextProbeAt = now + TimeSpan.FromMicroseconds(ProbeIntervalMicros);
    }

    public void HandleProbeAcked(MonotonicTime now, int bytes)
    {
        _inFlight = false;
        _failures = 0;
        DatagramBytes = Math.Clamp(bytes, DatagramBytes, _ceilingBytes);
        if (!IsSearching) NextProbeAt = now + TimeSpan.FromMicroseconds(RaiseIntervalMicros);
    }

    public void HandleProbeLost(MonotonicTime now, int bytes)
    {
        _inFlight = false;
        if (++_failures < MaxProbesPerSize) return;
        _failures = 0;
        _tooLargeBytes = Math.Clamp(bytes, DatagramBytes + 1, _tooLargeBytes);
        if (!IsSearching) NextProbeAt = now + TimeSpan.FromMicroseconds(RaiseIntervalMicros);
    }

    /// <summary>Starts over when the search ended long ago: paths change.</summary>
    public void HandleTimer(MonotonicTime now)
    {
        if (IsSearching || now < NextProbeAt || DatagramBytes == _ceilingBytes) return;
        _tooLargeBytes = _ceilingBytes + 1;
    }

    /// <summary>Takes a retransmission timeout; true when larger datagrams than the base are now taken to vanish.</summary>
    public bool HandleTimeout(MonotonicTime now, int timeoutsInARow)
    {
        _inFlight = false;
        if (timeoutsInARow < BlackHoleTimeouts || DatagramBytes == BaseBytes) return false;
        _tooLargeBytes = DatagramBytes;
        DatagramBytes = BaseBytes;
        _failures = 0;
        NextProbeAt = now + TimeSpan.FromMicroseconds(ProbeIntervalMicros);
        return true;
    }

    /// <summary>Starts over on another path.</summary>
    public void Reset()
    {
        DatagramBytes = BaseBytes;
        _tooLargeBytes = _ceilingBytes + 1;
        _failures = 0;
        _inFlight = false;
        NextProbeAt = default;
    }
}
