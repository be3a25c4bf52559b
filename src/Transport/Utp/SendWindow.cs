namespace CS3103P2P.Transport.Utp;

/// <summary>
/// The packets between the oldest unacknowledged one and the next to be sent: a ring indexed by sequence number that grows with the
/// window. Loss is found by order of transmission, as in RFC 9002 §6.1.1, so that lost retransmissions are found as well; on a path that
/// reorders, by time (<see cref="ReorderTolerance"/>).
/// </summary>
internal sealed class SendWindow
{
    /// <summary>Most packets in flight: a quarter of the sequence space, so that old and new are never confused.</summary>
    public const int MaxPackets = 16_384;

    /// <summary>A packet is lost when one sent this many transmissions later has arrived (BEP 29: three duplicate acknowledgements).</summary>
    public const int LossThreshold = 3;

    private const int InitialPackets = 32;

    private SendSegment[] _ring = new SendSegment[InitialPackets];
    private SegmentList _fresh = new();
    private SegmentList _resent = new();
    private SegmentList _lost = new();
    private ReorderTolerance _reordering;
    private ushort _highestAcked;
    private long _largestFreshAcked;
    private long _largestFreshBefore;
    private long _nextTransmitNumber = 1;
    private long _largestAckedTransmit;
    private MonotonicTime _deliveredAt;
    private MonotonicTime _firstSentAt;
    private long _appLimitedUntil;

    public SendWindow(ushort firstSequence)
    {
        UnackedSequence = NextSequence = firstSequence;
        _highestAcked = SequenceNumber.Add(firstSequence, -1);
    }

    /// <summary>The oldest packet not acknowledged; equal to <see cref="NextSequence"/> when there is none.</summary>
    public ushort UnackedSequence { get; private set; }

    /// <summary>The sequence number of the next new packet.</summary>
    public ushort NextSequence { get; private set; }

    /// <summary>Packets from the oldest unacknowledged to the newest.</summary>
    public int Count => (ushort)(NextSequence - UnackedSequence);

    public bool IsFull => Count == MaxPackets;

    /// <summary>Payload sent and neither acknowledged nor lost.</summary>
    public long BytesInFlight { get; private set; }

    /// <summary>Payload acknowledged since the connection began.</summary>
    public long DeliveredBytes { get; private set; }

    public bool HasInFlight => !_fresh.IsEmpty || !_resent.IsEmpty;

    public bool HasLost => !_lost.IsEmpty;

    /// <summary>Order number of the next transmission.</summary>
    public long NextTransmitNumber => _nextTransmitNumber;

    public ref SendSegment this[ushort sequence] => ref _ring[sequence & (_ring.Length - 1)];

    /// <summary>The next lost packet to send again.</summary>
    public ushort FirstLost => (ushort)_lost.Head;

    /// <summary>The packet in flight that was sent last.</summary>
    public ushort LastInFlight
    {
        get
        {
            if (_fresh.IsEmpty) return (ushort)_resent.Tail;
            if (_resent.IsEmpty) return (ushort)_fresh.Tail;
            bool resentLast = this[(ushort)_resent.Tail].TransmitNumber > this[(ushort)_fresh.Tail].TransmitNumber;
            return (ushort)(resentLast ? _resent.Tail : _fresh.Tail);
        }
    }

    /// <summary>Adds a new packet and marks it sent.</summary>
    public ref SendSegment Append(MonotonicTime now, long position, int payloadBytes, bool isFin)
    {
        if (IsFull) throw new InvalidOperationException("The send window is full.");
        if (Count == _ring.Length) Grow();
        ushort sequence = NextSequence++;
        ref SendSegment segment = ref this[sequence];
        segment = new SendSegment { Position = position, PayloadBytes = payloadBytes, IsFin = isFin, State = SegmentState.Lost };
        Stamp(ref segment, sequence, now);
        return ref segment;
    }

    /// <summary>Marks a lost packet as sent again.</summary>
    public ref SendSegment Resend(MonotonicTime now, ushort sequence)
    {
        ref SendSegment segment = ref this[sequence];
        if (segment.State != SegmentState.Lost) throw new InvalidOperationException("Only a lost packet is sent again.");
        _lost.Remove(this, sequence);
        segment.Retransmitted = true;
        segment.ProbeBytes = 0;
        Stamp(ref segment, sequence, now);
        return ref segment;
    }

    /// <summary>The application keeps the path waiting; so it is until more than what is in flight now is delivered.</summary>
    public void NoteAppLimited() => _appLimitedUntil = DeliveredBytes + BytesInFlight + 1;

    /// <summary>Takes the last packet in flight for lost, to probe the tail of the flight (in the manner of RFC 9002 §6.2).</summary>
    public void LoseTail() => Lose(LastInFlight);

    /// <summary>Takes all packets in flight for lost, oldest first.</summary>
    public void LoseAll()
    {
        _fresh.Clear();
        _resent.Clear();
        _lost.Clear();
        for (ushort sequence = UnackedSequence; sequence != NextSequence; sequence++)
        {
            ref SendSegment segment = ref this[sequence];
            if (segment.State == SegmentState.Acked) continue;
            segment.State = SegmentState.Lost;
            segment.WasOvertaken = false;
            _lost.Append(this, sequence);
        }

        BytesInFlight = 0;
    }

    /// <summary>Takes the oldest packet for lost (duplicate acknowledgements from a peer without selective ones).</summary>
    public bool LoseOldest(out long transmitNumber)
    {
        transmitNumber = 0;
        if (Count == 0 || this[UnackedSequence].State != SegmentState.InFlight) return false;
        transmitNumber = this[UnackedSequence].TransmitNumber;
        Lose(UnackedSequence);
        return true;
    }

    /// <summary>Takes a cumulative and a selective acknowledgement; false when it speaks of packets that were never sent.</summary>
    public bool TryHandleAck(MonotonicTime now, ushort ackNumber, ReadOnlySpan<byte> mask, long minRttMicros, ref AckOutcome outcome)
    {
        int advance = SequenceNumber.Distance(UnackedSequence, ackNumber) + 1;
        if (advance > Count) return false;
        outcome.IsStale = advance < 0;
        if (outcome.IsStale) return true;
        outcome.Advanced = advance > 0;
        _largestFreshBefore = _largestFreshAcked;
        for (; advance > 0; advance--)
        {
            if (this[UnackedSequence].State != SegmentState.Acked) Acknowledge(now, UnackedSequence, minRttMicros, ref outcome);
            UnackedSequence++;
        }

        // Its arrival was claimed by a mask, and is denied now: that mask was damaged on the way.
        if (Count > 0 && this[UnackedSequence].State == SegmentState.Acked) Revive(UnackedSequence);
        HandleMask(now, ackNumber, mask, minRttMicros, ref outcome);
        return true;
    }

    /// <summary>Takes for lost what was sent well before something that has arrived.</summary>
    public LossOutcome DetectLosses(MonotonicTime now, RttEstimator rtt)
    {
        var outcome = new LossOutcome { CheckAt = MonotonicTime.Never };
        long patience = _reordering.IsNeeded ? _reordering.PatienceMicros(rtt) : 0;
        DetectLosses(ref _fresh, now, patience, ref outcome);
        DetectLosses(ref _resent, now, patience, ref outcome);
        return outcome;
    }

    /// <summary>Forgets how the path reorders: it is another one.</summary>
    public void ForgetReordering() => _reordering = default;

    private void DetectLosses(ref SegmentList list, MonotonicTime now, long patienceMicros, ref LossOutcome outcome)
    {
        while (!list.IsEmpty)
        {
            ushort sequence = (ushort)list.Head;
            ref SendSegment segment = ref this[sequence];
            long later = _largestAckedTransmit - segment.TransmitNumber;
            // Of packets beyond the highest acknowledged one nothing is known: the mask may have been too short to name them.
            if (later <= 0 || SequenceNumber.Distance(sequence, _highestAcked) < 0) return;
            if (patienceMicros == 0 && later < LossThreshold) return;
            MonotonicTime lostAt = segment.SentAt + TimeSpan.FromTicks(patienceMicros * TimeSpan.TicksPerMicrosecond);
            if (patienceMicros > 0 && now < lostAt)
            {
                if (lostAt < outcome.CheckAt) outcome.CheckAt = lostAt;
                return;
            }

            if (segment.ProbeBytes > 0)
            {
                outcome.LostProbe = segment.ProbeBytes;
            }
            else
            {
                outcome.LargestLost = Math.Max(outcome.LargestLost, segment.TransmitNumber);
                outcome.LostBytes += Math.Max(segment.PayloadBytes, 1);
            }

            Lose(sequence);
            segment.WasOvertaken = true;
        }
    }

    private void Stamp(ref SendSegment segment, ushort sequence, MonotonicTime now)
    {
        segment.State = SegmentState.InFlight;
        segment.SentAt = now;
        segment.TransmitNumber = _nextTransmitNumber++;
        if (!HasInFlight) _deliveredAt = _firstSentAt = now;
        segment.FirstSentAt = _firstSentAt;
        segment.DeliveredAtSend = DeliveredBytes;
        segment.AppLimited = DeliveredBytes < _appLimitedUntil;
        segment.DeliveredTimeAtSend = _deliveredAt;
        BytesInFlight += segment.PayloadBytes;
        if (segment.Retransmitted) _resent.Append(this, sequence);
        else _fresh.Append(this, sequence);
    }

    private void RemoveInFlight(ref SendSegment segment, ushort sequence)
    {
        if (segment.Retransmitted) _resent.Remove(this, sequence);
        else _fresh.Remove(this, sequence);
        BytesInFlight -= segment.PayloadBytes;
    }

    private void Lose(ushort sequence)
    {
        ref SendSegment segment = ref this[sequence];
        RemoveInFlight(ref segment, sequence);
        segment.State = SegmentState.Lost;
        segment.WasOvertaken = false;
        _lost.Append(this, sequence);
    }

    private void Revive(ushort sequence)
    {
        ref SendSegment segment = ref this[sequence];
        DeliveredBytes -= segment.PayloadBytes;
        segment.State = SegmentState.Lost;
        segment.WasOvertaken = false;
        _lost.Append(this, sequence);
    }

    private void Acknowledge(MonotonicTime now, ushort sequence, long minRttMicros, ref AckOutcome outcome)
    {
        ref SendSegment segment = ref this[sequence];
        if (segment.State == SegmentState.InFlight) RemoveInFlight(ref segment, sequence);
        else _lost.Remove(this, sequence);
        segment.State = SegmentState.Acked;
        if (SequenceNumber.Distance(_highestAcked, sequence) > 0) _highestAcked = sequence;
        DeliveredBytes += segment.PayloadBytes;
        _deliveredAt = now;
        outcome.AckedBytes += segment.PayloadBytes;
        outcome.AckedPackets++;
        outcome.ProbeAcked = Math.Max(outcome.ProbeAcked, segment.ProbeBytes);
        long rtt = (now - segment.SentAt).Ticks / TimeSpan.TicksPerMicrosecond;
        // An acknowledgement sooner than any round trip is that of an earlier transmission of the same packet.
        bool ofEarlier = segment.Retransmitted && rtt < minRttMicros;
        NoteOrder(segment, ofEarlier);
        if (ofEarlier) return;
        _largestAckedTransmit = Math.Max(_largestAckedTransmit, segment.TransmitNumber);
        if (segment.TransmitNumber <= outcome.LargestTransmitNumber) return;
        outcome.LargestTransmitNumber = segment.TransmitNumber;
        outcome.SendIntervalMicros = (segment.SentAt - segment.FirstSentAt).Ticks / TimeSpan.TicksPerMicrosecond;
        _firstSentAt = segment.SentAt;
        outcome.AppLimited = segment.AppLimited;
        outcome.DeliveredAtSend = segment.DeliveredAtSend;
        outcome.DeliveredTimeAtSend = segment.DeliveredTimeAtSend;
        if (!segment.Retransmitted) outcome.RttMicros = Math.Max(rtt, 1);
    }

    private void NoteOrder(in SendSegment segment, bool ofEarlier)
    {
        if (segment.WasOvertaken && (ofEarlier || !segment.Retransmitted)) _reordering.HandleSpuriousLoss();
        if (segment.Retransmitted) return;
        if (segment.TransmitNumber < _largestFreshBefore) _reordering.HandleReordering();
        _largestFreshAcked = Math.Max(_largestFreshAcked, segment.TransmitNumber);
    }

    // Bit i of the mask stands for ackNumber + 2 + i. Only bits of packets that were sent count.
    private void HandleMask(MonotonicTime now, ushort ackNumber, ReadOnlySpan<byte> mask, long minRttMicros, ref AckOutcome outcome)
    {
        if (mask.IsEmpty || Count == 0) return;
        ushort first = SequenceNumber.Add(ackNumber, 2);
        int limit = Math.Min(mask.Length * 8, SequenceNumber.Distance(first, NextSequence));
        for (int at = 0; at < mask.Length; at++)
        {
            uint bits = mask[at];
            while (bits != 0)
            {
                int bit = (at * 8) + System.Numerics.BitOperations.TrailingZeroCount(bits);
                bits &= bits - 1;
                if (bit >= limit) return;
                ushort sequence = SequenceNumber.Add(first, bit);
                if (this[sequence].State != SegmentState.Acked) Acknowledge(now, sequence, minRttMicros, ref outcome);
            }
        }
    }

    private void Grow()
    {
        SendSegment[] larger = new SendSegment[_ring.Length * 2];
        for (ushort sequence = UnackedSequence; sequence != NextSequence; sequence++)
        {
            larger[sequence & (larger.Length - 1)] = this[sequence];
        }

        _ring = larger;
    }
}
