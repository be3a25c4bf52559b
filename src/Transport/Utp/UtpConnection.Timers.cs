namespace CS3103P2P.Transport.Utp;

/// <content>What time brings. Timers that move with every packet are moved lazily: they fire early, look, and go to sleep again.</content>
internal sealed partial class UtpConnection
{
    private const long TailProbeExtraMicros = 50_000;
    private const long SilentKeepAliveMicros = 5_000_000;
    private const long FirstKeepAliveMicros = 1_000_000;
    private const long MinWindowProbeMicros = 500_000;
    private const int MaxWindowProbeBackoff = 5;

    private MonotonicTime _retransmitBase;
    private bool _tailProbed;
    private bool _tailProbeDue;
    private int _confirmations;
    private int _windowProbes;

    /// <summary>Does what is due.</summary>
    public void HandleTimeout(MonotonicTime now)
    {
        while (State != UtpState.Closed && _timers.TryTakeDue(now, out UtpTimer timer)) HandleTimer(now, timer);
    }

    private void HandleTimer(MonotonicTime now, UtpTimer timer)
    {
        switch (timer)
        {
            case UtpTimer.Retransmit:
                HandleRetransmitTimer(now);
                break;
            case UtpTimer.Reordering:
                DetectLosses(now);
                ArmRetransmit();
                break;
            case UtpTimer.DelayedAck:
                if (_unackedPackets > 0) _ackNow = true;
                break;
            case UtpTimer.WindowProbe:
                _windowProbeDue = true;
                break;
            case UtpTimer.KeepAlive:
                HandleKeepAliveTimer(now);
                break;
            case UtpTimer.PeerTimeout:
                HandlePeerTimer(now);
                break;
            case UtpTimer.Linger:
                if (_finished) End(UtpCloseReason.Finished);
                else Abort(UtpCloseReason.TimedOut);
                break;
            case UtpTimer.MtuProbe:
                _mtu.HandleTimer(now);
                break;
            default:
                // Pacing only needs the wake-up.
                break;
        }
    }

    private void HandleRetransmitTimer(MonotonicTime now)
    {
        if (State == UtpState.SynSent)
        {
            _synDue = true;
            return;
        }

        if (!_send.HasInFlight) return;
        if (now < RetransmitAt)
        {
            ArmRetransmit();
            return;
        }

        _retransmitBase = now;
        if (ProbesTail)
        {
            _tailProbed = _tailProbeDue = true;
            int probe = _send[_send.LastInFlight].ProbeBytes;
            if (probe > 0) _mtu.HandleProbeLost(now, probe);
            _send.LoseTail();
            return;
        }

        _rtt.HandleTimeout();
        _mtu.HandleTimeout(now, _rtt.Backoff);
        _send.LoseAll();
        _recoveryEnd = _send.NextTransmitNumber;
        _congestion.HandleTimeout(now);
    }

    private bool ProbesTail => !_tailProbed && _rtt.Backoff == 0 && _rtt.SmoothedMicros > 0;

    private MonotonicTime RetransmitAt
    {
        get
        {
            long wait = _rtt.TimeoutMicros;
            if (ProbesTail) wait = Math.Min(wait, (2 * _rtt.SmoothedMicros) + TailProbeExtraMicros);
            return _retransmitBase + TimeSpan.FromMicroseconds(wait);
        }
    }

    private void ArmRetransmit()
    {
        if (_send.HasInFlight) _timers.SetNoLaterThan(UtpTimer.Retransmit, RetransmitAt);
        else _timers.Stop(UtpTimer.Retransmit);
    }

    // Until the peer is heard after the handshake, the initiator repeats its confirmation, without which the peer may not speak first.
    private long KeepAliveMicros => _heardSinceConnect || !_isInitiator
        ? (long)_options.KeepAlive.TotalMicroseconds
        : Math.Min(FirstKeepAliveMicros << Math.Min(_confirmations, 6), (long)_options.KeepAlive.TotalMicroseconds);

    private void ArmKeepAlive(MonotonicTime now) =>
        _timers.SetNoLaterThan(UtpTimer.KeepAlive, now + TimeSpan.FromMicroseconds(KeepAliveMicros));

    private void HandleKeepAliveTimer(MonotonicTime now)
    {
        double sinceSent = (now - _lastSentAt).TotalMicroseconds;
        bool silent = now - _lastReceivedAt >= _options.KeepAlive;
        double interval = silent ? Math.Min(SilentKeepAliveMicros, KeepAliveMicros) : KeepAliveMicros;
        if (sinceSent >= interval)
        {
            _keepAliveDue = true;
            _confirmations++;
            sinceSent = 0;
        }

        _timers.Set(UtpTimer.KeepAlive, now + TimeSpan.FromMicroseconds(interval - sinceSent));
    }

    private void HandlePeerTimer(MonotonicTime now)
    {
        bool handshake = State != UtpState.Connected;
        MonotonicTime deadline = _lastReceivedAt + _options.PeerTimeout;
        if (!handshake && now < deadline)
        {
            _timers.Set(UtpTimer.PeerTimeout, deadline);
            return;
        }

        if (State == UtpState.SynReceived) End(UtpCloseReason.TimedOut);
        else Abort(UtpCloseReason.TimedOut);
    }

    private void ArmWindowProbe(MonotonicTime now)
    {
        if (_timers.IsRunning(UtpTimer.WindowProbe)) return;
        long wait = Math.Max(_rtt.SmoothedMicros * 2, MinWindowProbeMicros) << Math.Min(_windowProbes, MaxWindowProbeBackoff);
        _windowProbes++;
        _timers.Set(UtpTimer.WindowProbe, now + TimeSpan.FromMicroseconds(wait));
    }
}
