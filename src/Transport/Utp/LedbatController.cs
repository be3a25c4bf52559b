namespace CS3103P2P.Transport.Utp;

/// <summary>
/// LEDBAT (RFC 6817; BEP 29, "congestion control"): keeps the queue that it builds below a target delay and so yields to everything else.
/// Above the target it shrinks in proportion to the window, as LEDBAT++ does, because the linear decrease of the RFC needs
/// minutes to drain a large window (docs/decisions/utp-over-quic.md).
/// </summary>
internal sealed class LedbatController(long targetDelayMicros, long maxWindowBytes) : IUtpCongestionController
{
    public const int InitialWindowBytes = 12_000;
    public const int MinWindowBytes = 2 * 1_452;

    // BEP 29: MAX_CWND_INCREASE_PACKETS_PER_RTT, in bytes.
    private const double MaxIncreaseBytesPerRtt = 3_000;
    private const double MaxDecreasePerRtt = 0.5;

    private double _windowBytes = InitialWindowBytes;
    private double _slowStartThreshold = double.MaxValue;

    public long WindowBytes => (long)_windowBytes;

    public long PacingBytesPerSecond => 0;

    private bool InSlowStart => _windowBytes < _slowStartThreshold;

    public void HandleAck(in UtpAckSample sample)
    {
        if (sample.AckedBytes == 0) return;
        // Without a delay sample the delay counts as half the target: grow, but carefully.
        double delay = sample.QueueDelayMicros >= 0 ? sample.QueueDelayMicros : targetDelayMicros / 2.0;
        if (InSlowStart)
        {
            if (delay > targetDelayMicros / 2.0) _slowStartThreshold = _windowBytes;
            else if (sample.WindowLimited) _windowBytes += sample.AckedBytes;
        }
        else
        {
            AdjustToDelay(sample, delay);
        }

        _windowBytes = Math.Clamp(_windowBytes, MinWindowBytes, maxWindowBytes);
    }

    public void HandleLoss(MonotonicTime now, int lostBytes, bool isFirstOfRound)
    {
        if (!isFirstOfRound) return;
        _windowBytes = Math.Max(_windowBytes / 2, MinWindowBytes);
        _slowStartThreshold = _windowBytes;
    }

    public void HandleTimeout(MonotonicTime now)
    {
        _slowStartThreshold = Math.Max(_windowBytes / 2, MinWindowBytes);
        _windowBytes = MinWindowBytes;
    }

    public void HandlePathChange(MonotonicTime now)
    {
        _windowBytes = InitialWindowBytes;
        _slowStartThreshold = double.MaxValue;
    }

    private void AdjustToDelay(in UtpAckSample sample, double delay)
    {
        double offTarget = (targetDelayMicros - delay) / targetDelayMicros;
        double windowShare = Math.Min(sample.AckedBytes / _windowBytes, 1);
        if (offTarget >= 0)
        {
            if (sample.WindowLimited) _windowBytes += MaxIncreaseBytesPerRtt * offTarget * windowShare;
            return;
        }

        _windowBytes -= _windowBytes * Math.Min(-offTarget, MaxDecreasePerRtt) * windowShare;
        _slowStartThreshold = Math.Min(_slowStartThreshold, _windowBytes);
    }
}
