namespace CS3103P2P.Transport.Utp;

/// <summary>
/// Paces at the rate at which the path was seen to deliver and keeps little more than that rate times the least round-trip time in
/// flight (after BBR, draft-ietf-ccwg-bbr). A random loss does not slow it down; a bottleneck does, because delivery slows.
/// </summary>
internal sealed class PacedController(long maxWindowBytes) : IUtpCongestionController
{
    private const int BandwidthRounds = 10;
    private const int InitialWindowBytes = 24_000;
    private const int MinWindowSegments = 4;
    private const int AggregationBytes = 64 * 1024;
    private const double StartupGain = 2.885;
    private const double DrainGain = 1 / StartupGain;
    private const double WindowGain = 2;
    private const double ProbeRttGain = 0.5;
    private const double StartupLossShare = 0.1;
    private const int StartupLostSegments = 16;
    private const double ProbeLossShare = 0.05;
    private const int ProbeLostSegments = 3;
    private const int MinRttToleranceShare = 16;
    private const double FullPipeGrowth = 1.25;
    private const int FullPipeRounds = 3;
    private const long MinRttWindowMicros = 10_000_000;
    private const long ProbeRttMicros = 200_000;

    private static readonly double[] CycleGains = [1.25, 0.75, 1, 1, 1, 1, 1, 1];

    private readonly long[] _roundBandwidth = new long[BandwidthRounds];
    private Mode _mode = Mode.Startup;
    private int _round;
    private long _roundEndDelivered;
    private long _fullPipeBandwidth;
    private int _fullPipeRounds;
    private long _minRttMicros;
    private MonotonicTime _minRttAt;
    private MonotonicTime _phaseStart;
    private int _phase;
    private bool _hasFilledPath;
    private bool _timedOut;
    private bool _probeRttDrained;
    private long _delivered;
    private long _deliveredAtPhase;
    private long _lostInPhase;
    private int _segmentBytes = MtuProber.BaseBytes;
    private long _startupWindow = InitialWindowBytes;

    private enum Mode
    {
        Startup,
        Drain,
        ProbeBandwidth,
        ProbeRtt,
    }

    /// <summary>Bytes a second that the path was seen to deliver in the last rounds.</summary>
    public long BandwidthBytesPerSecond { get; private set; }

    public long WindowBytes
    {
        get
        {
            long least = MinWindowSegments * _segmentBytes;
            if (_timedOut) return least;
            if (BandwidthBytesPerSecond == 0 || _minRttMicros == 0) return _startupWindow;
            if (_mode == Mode.ProbeRtt) return Math.Clamp((long)(ProbeRttGain * BandwidthDelayBytes), least, maxWindowBytes);
            double gain = _mode is Mode.Startup or Mode.Drain ? StartupGain : WindowGain;
            return Math.Clamp((long)(gain * BandwidthDelayBytes) + AggregationBytes, least, maxWindowBytes);
        }
    }

    public long PacingBytesPerSecond => (long)(PacingGain * Math.Max(BandwidthBytesPerSecond, StartupBytesPerSecond));

    // A handshake shows what it needed, not what the path can do: the first window goes out within a round trip all the same.
    private long StartupBytesPerSecond => !_hasFilledPath && BandwidthBytesPerSecond > 0 && _minRttMicros > 0 ? InitialWindowBytes * 1_000_000L / _minRttMicros : 0;

    private double BandwidthDelayBytes => BandwidthBytesPerSecond * (_minRttMicros / 1e6);

    private double PacingGain => _mode switch
    {
        Mode.Startup => StartupGain,
        Mode.Drain => DrainGain,
        Mode.ProbeBandwidth => CycleGains[_phase],
        _ => 1,
    };

    public void HandleAck(in UtpAckSample sample)
    {
        _segmentBytes = sample.SegmentBytes;
        _timedOut = false;
        _delivered = sample.DeliveredBytes;
        bool roundStart = sample.DeliveredAtSend >= _roundEndDelivered;
        if (roundStart)
        {
            _roundEndDelivered = sample.DeliveredBytes;
            _round++;
            _roundBandwidth[_round % BandwidthRounds] = 0;
        }

        bool minRttExpired = UpdateMinRtt(sample);
        UpdateBandwidth(sample);
        if (_mode == Mode.Startup) UpdateStartup(sample, roundStart);
        if (_mode == Mode.Drain && sample.BytesInFlight <= BandwidthDelayBytes) StartPhase(sample.Now, 2);
        if (_mode == Mode.ProbeBandwidth) AdvanceCycle(sample);
        UpdateProbeRtt(sample, minRttExpired);
    }

    public void HandleLoss(MonotonicTime now, int lostBytes, bool isFirstOfRound)
    {
        _lostInPhase += lostBytes;
        // Probing for more rate filled the queue: give back what it took. Single losses come from elsewhere.
        if (_mode == Mode.ProbeBandwidth && _phase == 0 && LosesMuch(ProbeLossShare, ProbeLostSegments)) StartPhase(now, 1);
    }

    public void HandleTimeout(MonotonicTime now) => _timedOut = true;

    public void HandlePathChange(MonotonicTime now)
    {
        Array.Clear(_roundBandwidth);
        BandwidthBytesPerSecond = 0;
        _mode = Mode.Startup;
        _fullPipeBandwidth = 0;
        _fullPipeRounds = 0;
        _minRttMicros = 0;
        _startupWindow = InitialWindowBytes;
        _hasFilledPath = false;
        _timedOut = false;
    }

    private void UpdateBandwidth(in UtpAckSample sample)
    {
        // A flight that the application did not fill shows no limit of the path, unless it was faster all the same.
        bool limitedHere = sample.AppLimited || _mode == Mode.ProbeRtt;
        _hasFilledPath |= sample.DeliveryRate != 0 && !limitedHere;
        if (sample.DeliveryRate == 0 || (limitedHere && sample.DeliveryRate < BandwidthBytesPerSecond)) return;
        ref long slot = ref _roundBandwidth[_round % BandwidthRounds];
        slot = Math.Max(slot, sample.DeliveryRate);
        long most = 0;
        foreach (long rate in _roundBandwidth) most = Math.Max(most, rate);
        BandwidthBytesPerSecond = most;
    }

    private bool UpdateMinRtt(in UtpAckSample sample)
    {
        if (sample.RttMicros == 0) return false;
        bool expired = _minRttMicros > 0 && (sample.Now - _minRttAt).TotalMicroseconds > MinRttWindowMicros;
        if (_minRttMicros == 0 || sample.RttMicros <= _minRttMicros || expired)
        {
            _minRttMicros = sample.RttMicros;
            _minRttAt = sample.Now;
        }
        else if (sample.RttMicros <= _minRttMicros + (_minRttMicros / MinRttToleranceShare))
        {
            // Near enough: the queue has just been empty, and there is no need to stop for another look.
            _minRttAt = sample.Now;
        }

        return expired;
    }

    private void UpdateStartup(in UtpAckSample sample, bool roundStart)
    {
        if (sample.WindowLimited) _startupWindow = Math.Min(_startupWindow + sample.AckedBytes, maxWindowBytes);
        if (!roundStart) return;
        bool overflows = LosesMuch(StartupLossShare, StartupLostSegments);
        StartCounting();
        if (BandwidthBytesPerSecond >= _fullPipeBandwidth * FullPipeGrowth)
        {
            _fullPipeBandwidth = BandwidthBytesPerSecond;
            _fullPipeRounds = 0;
        }
        else if (overflows || (!sample.AppLimited && ++_fullPipeRounds >= FullPipeRounds))
        {
            // More sent brings nothing but loss, or three rounds brought nothing more.
            _mode = Mode.Drain;
        }
    }

    private void AdvanceCycle(in UtpAckSample sample)
    {
        double inPhase = (sample.Now - _phaseStart).TotalMicroseconds;
        bool drained = _phase == 1 && sample.BytesInFlight <= BandwidthDelayBytes;
        if (inPhase > _minRttMicros || drained) StartPhase(sample.Now, (_phase + 1) % CycleGains.Length);
    }

    private void StartPhase(MonotonicTime now, int phase)
    {
        _mode = Mode.ProbeBandwidth;
        _phase = phase;
        _phaseStart = now;
        StartCounting();
    }

    private void StartCounting()
    {
        _deliveredAtPhase = _delivered;
        _lostInPhase = 0;
    }

    private bool LosesMuch(double share, int atLeastSegments) =>
        _lostInPhase >= atLeastSegments * _segmentBytes && _lostInPhase > share * (_lostInPhase + _delivered - _deliveredAtPhase);

    private void UpdateProbeRtt(in UtpAckSample sample, bool minRttExpired)
    {
        if (_mode == Mode.ProbeRtt)
        {
            // The queue has drained once the flight is small; from then on the samples count.
            if (!_probeRttDrained && sample.BytesInFlight <= WindowBytes)
            {
                _probeRttDrained = true;
                _phaseStart = sample.Now;
            }

            bool over = _probeRttDrained && (sample.Now - _phaseStart).TotalMicroseconds > Math.Max(ProbeRttMicros, _minRttMicros);
            if (over) StartPhase(sample.Now, 2);
        }
        else if (minRttExpired && _mode == Mode.ProbeBandwidth && !sample.AppLimited)
        {
            _mode = Mode.ProbeRtt;
            _probeRttDrained = false;
        }
    }
}
