namespace CS3103P2P.Transport.Utp;

/// <content>What arrives: handshake, acknowledgements, payload.</content>
internal sealed partial class UtpConnection
{
    private const int DuplicateAckThreshold = 3;
    private const int MaxClockShiftMicros = 10_000;
    private const int PacketsPerAck = 2;
    private const long DelayedAckMicros = 25_000;
    private const int MaxStaleAcks = 3;
    private const long MaxStaleMicros = 10_000_000;

    private MonotonicTime _lastReceivedAt;
    private bool _ackNow;
    private bool _heardSinceConnect;
    private int _unackedPackets;
    private uint _replyDelayMicros;
    private long _peerWindowBytes;
    private int _duplicateAcks;
    private long _recoveryEnd;
    private int _staleAcks;
    private MonotonicTime _staleSince;

    /// <summary>Takes one packet that is addressed to this connection.</summary>
    public void HandlePacket(MonotonicTime now, in UtpPacket packet)
    {
        UtpHeader header = packet.Header;
        if (State == UtpState.Closed) return;
        if (header.Type == UtpPacketType.Reset)
        {
            HandleReset(header);
            return;
        }

        if (header.Type == UtpPacketType.Syn)
        {
            if (IsOpenedBy(header.SequenceNumber)) _ackNow = true;
            return;
        }

        bool answersSyn = State == UtpState.SynSent;
        if (answersSyn && !TryFinishConnect(now, header)) return;
        AckOutcome outcome = default;
        if (!IsPlausible(header) || !_send.TryHandleAck(now, header.AckNumber, packet.SelectiveAck, _rtt.MinMicros, ref outcome)) return;
        HandleArrival(now, header);
        _heardSinceConnect |= !answersSyn;
        if (outcome.IsStale)
        {
            HandleStaleAck(now);
            if (State == UtpState.Closed) return;
        }
        else
        {
            _staleAcks = 0;
            HandleAck(now, packet, ref outcome);
        }

        if (header.Type != UtpPacketType.State) HandlePayload(now, packet);
        CheckFinished(now);
    }

    /// <summary>The user took bytes from <see cref="Incoming"/>: tells the peer when the window has grown by much.</summary>
    public void HandleRead()
    {
        if (State != UtpState.Connected) return;
        long grown = _receive.WindowBytes - _advertisedWindow;
        long worthTelling = Math.Min(_options.ReceiveWindowBytes / 4, Math.Max(_advertisedWindow, MtuProber.BaseBytes));
        if (grown >= worthTelling && grown > 0) _ackNow = true;
    }

    // A reset from elsewhere than the path must guess the connection id and where the sequence numbers stand.
    private void HandleReset(in UtpHeader header)
    {
        const int OldestPlausible = 1_024;
        bool known = State == UtpState.SynSent
            ? header.AckNumber == _initialSequence
            : SequenceNumber.Distance(_send.UnackedSequence, header.AckNumber) >= -OldestPlausible
                && SequenceNumber.Distance(_send.NextSequence, header.AckNumber) <= 0;
        if (known) End(_finished ? UtpCloseReason.Finished : UtpCloseReason.Reset);
    }

    // The acknowledgement of the SYN carries the sequence number of the first packet to come, though it uses none itself.
    private bool TryFinishConnect(MonotonicTime now, in UtpHeader header)
    {
        if (header.Type != UtpPacketType.State || header.AckNumber != _initialSequence) return false;
        _receive.Start(header.SequenceNumber);
        if (_synSends == 1) _rtt.HandleSample(now, (long)(now - _synSentAt).TotalMicroseconds);
        _ackNow = true;
        BecomeConnected(now);
        return true;
    }

    private void BecomeConnected(MonotonicTime now)
    {
        State = UtpState.Connected;
        _events |= UtpEvents.Connected | UtpEvents.Writable;
        _synDue = false;
        _timers.Stop(UtpTimer.Retransmit);
        _timers.Set(UtpTimer.PeerTimeout, now + _options.PeerTimeout);
        ArmKeepAlive(now);
    }

    private bool IsPlausible(in UtpHeader header) =>
        header.Type == UtpPacketType.State
        || Math.Abs(SequenceNumber.Distance(_receive.NextSequence, header.SequenceNumber)) <= ReceiveWindow.MaxSpan;

    private void HandleArrival(MonotonicTime now, in UtpHeader header)
    {
        if (State == UtpState.SynReceived) BecomeConnected(now);
        _lastReceivedAt = now;
        _replyDelayMicros = (uint)now.Micros - header.TimestampMicros;
        bool hadBase = _peerDelay.HasSamples;
        uint previousBase = _peerDelay.BaseMicros;
        _peerDelay.HandleSample(now, _replyDelayMicros);
        int shift = (int)(previousBase - _peerDelay.BaseMicros);
        // Their clock gains on ours, so the delays that they measure sink without any queue having drained.
        if (hadBase && shift is > 0 and <= MaxClockShiftMicros) _delay.ShiftBase(shift);
    }

    private void HandleAck(MonotonicTime now, in UtpPacket packet, ref AckOutcome outcome)
    {
        UtpHeader header = packet.Header;
        CountDuplicateAcks(packet, outcome);
        _peerWindowBytes = header.WindowBytes;
        int queueDelay = header.TimestampDifferenceMicros == 0 ? -1 : _delay.HandleSample(now, header.TimestampDifferenceMicros);
        if (outcome.AckedPackets > 0)
        {
            _rtt.HandleProgress();
            if (outcome.RttMicros > 0) _rtt.HandleSample(now, outcome.RttMicros);
            if (outcome.ProbeAcked > 0) _mtu.HandleProbeAcked(now, outcome.ProbeAcked);
            _tailProbed = false;
            _retransmitBase = now;
            ReleaseAcked(outcome);
            _congestion.HandleAck(CreateSample(now, outcome, queueDelay));
        }

        DetectLosses(now);
        ArmRetransmit();
    }

    // An acknowledgement that was overtaken looks the same, but not for seconds on end. The peer waits for what another
    // acknowledgement, damaged on the way, made this side release: the stream cannot go on.
    private void HandleStaleAck(MonotonicTime now)
    {
        if (_staleAcks++ == 0) _staleSince = now;
        if (_staleAcks >= MaxStaleAcks && (now - _staleSince).TotalMicroseconds >= MaxStaleMicros) Abort(UtpCloseReason.Damaged);
    }

    private void CountDuplicateAcks(in UtpPacket packet, in AckOutcome outcome)
    {
        if (outcome.AckedPackets > 0)
        {
            _duplicateAcks = 0;
            return;
        }

        bool duplicate = packet.Header.Type == UtpPacketType.State && packet.SelectiveAck.IsEmpty && _send.HasInFlight
            && packet.Header.WindowBytes == _peerWindowBytes;
        if (duplicate) _duplicateAcks++;
    }

    private void DetectLosses(MonotonicTime now)
    {
        LossOutcome losses = _send.DetectLosses(now, _rtt);
        if (losses.CheckAt != MonotonicTime.Never) _timers.SetNoLaterThan(UtpTimer.Reordering, losses.CheckAt);
        if (losses.LostProbe > 0) _mtu.HandleProbeLost(now, losses.LostProbe);
        if (_duplicateAcks == DuplicateAckThreshold && _send.LoseOldest(out long oldest))
        {
            losses.LostBytes++;
            losses.LargestLost = Math.Max(losses.LargestLost, oldest);
        }

        if (losses.LostBytes == 0) return;
        bool isFirstOfRound = losses.LargestLost >= _recoveryEnd;
        if (isFirstOfRound) _recoveryEnd = _send.NextTransmitNumber;
        _congestion.HandleLoss(now, losses.LostBytes, isFirstOfRound);
    }

    private void ReleaseAcked(in AckOutcome outcome)
    {
        if (!outcome.Advanced) return;
        long position = _send.Count > 0 ? _send[_send.UnackedSequence].Position : _nextPosition;
        if (position == Outgoing.ReleasedPosition) return;
        Outgoing.ReleaseTo(position);
        _events |= UtpEvents.Writable;
    }

    private UtpAckSample CreateSample(MonotonicTime now, in AckOutcome outcome, int queueDelayMicros)
    {
        long interval = (now - outcome.DeliveredTimeAtSend).Ticks / TimeSpan.TicksPerMicrosecond;
        interval = Math.Max(Math.Max(interval, outcome.SendIntervalMicros), _rtt.MinMicros);
        bool hasRate = outcome.LargestTransmitNumber > 0 && interval > 0;
        double rate = hasRate ? (_send.DeliveredBytes - outcome.DeliveredAtSend) * 1e6 / interval : 0;
        return new UtpAckSample(
            now,
            outcome.AckedBytes,
            _send.BytesInFlight,
            outcome.LargestTransmitNumber < _limitedBefore,
            outcome.AppLimited,
            outcome.RttMicros,
            _rtt.SmoothedMicros,
            queueDelayMicros,
            (long)rate,
            _send.DeliveredBytes,
            outcome.DeliveredAtSend,
            FullPayloadBytes);
    }

    private void HandlePayload(MonotonicTime now, in UtpPacket packet)
    {
        bool isFin = packet.Header.Type == UtpPacketType.Fin;
        ReceiveResult result = _receive.Handle(packet.Header.SequenceNumber, packet.Payload, isFin);
        if (result != ReceiveResult.InOrder || isFin || _receive.HasGap)
        {
            // A gap, a repetition or the end is told at once: the peer waits for it.
            _ackNow = true;
        }
        else if (++_unackedPackets >= PacketsPerAck)
        {
            _ackNow = true;
        }
        else
        {
            _timers.SetNoLaterThan(UtpTimer.DelayedAck, now + TimeSpan.FromMicroseconds(DelayedAckMicros));
        }

        if (result == ReceiveResult.InOrder) _events |= UtpEvents.Readable;
    }
}
