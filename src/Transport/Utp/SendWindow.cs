namespace CS3103P2P.Transport.Utp;

/// <summary>
/// The packets between the oldest unacknowledged one and the next to be sent: a ring indexed by sequence number that grows with the
/// window. Loss is found by order of transmission, as in RFC 9002 §6.1.1, so that lost retransmissions are found as well.
/// </summary>
internal sealed class SendWindow
{
    /// <summary>Most packets in flight: a quarter of the sequence space, so that old and new are never confused.</summary>
    public const int MaxPackets = 16_384;

    /// <summary>A packet is lost when one sent this many transmissions later has arrived (BEP 29: three duplicate acknowledgements).</summary>
    public const int LossThreshold = 3;

    private const int InitialPackets = 32;

    private SendSegment[] _ring = new SendSegment[InitialPackets];
    private SegmentList _inFlight = new();
    private SegmentList _lost = new();
    private long _nextTransmitNumber = 1;
    private long _largestAckedTransmit;
    private MonotonicTime _deliveredAt;
    private MonotonicTime _firstSentAt;
    private long _appLimitedUntil;

    public SendWindow(ushort firstSequence) => UnackedSequence = NextSequence = firstSequence;

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

    public bool HasInFlight => !_inFlight.IsEmpty;

    public bool HasLost => !_lost.IsEmpty;

    /// <summary>Order number of the next transmission.</summary>
    public long NextTransmitNumber => _nextTransmitNumber;

    public ref SendSegment this[ushort sequence] => ref _ring[sequence & (_ring.Length - 1)];

    /// <summary>The next lost packet to send again.</summary>
    public ushort FirstLost => (ushort)_lost.Head;

    /// <summary>The packet in flight that was sent last.</summary>
    public ushort LastInFlight => (ushort)_inFlight.Tail;

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
        _inFlight.Clear();
        _lost.Clear();
        for (ushort sequence = UnackedSequence; sequence != NextSequence; sequence++)
        {
            ref SendSegment segment = ref this[sequence];
            if (segment.State == SegmentState.Acked) continue;
            segment.State = SegmentState.Lost;
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
        for (; advance > 0; advance--)
        {
            if (this[UnackedSequence].State != SegmentState.Acked) Acknowledge(now, UnackedSequence, minRttMicros, ref outcome);
            UnackedSequence++;
        }

        HandleMask(now, ackNumber, mask, minRttMicros, ref outcome);
        return true;
    }

    /// <summary>Takes for lost what was sent well before something that has arrived.</summary>
    /// <param name="largestLost">The transmission order of the newest packet lost; 0 when none was.</param>
    /// <param name="lostProbe">A path-MTU probe that was lost; 0 for none.</param>
    /// <returns>Payload of lost packets that were no probes.</returns>
    public int DetectLosses(out long largestLost, out int lostProbe)
    {
        largestLost = 0;
        lostProbe = 0;
        int lostBytes = 0;
        while (!_inFlight.IsEmpty)
        {
            ref SendSegment segment = ref this[(ushort)_inFlight.Head];
            if (_largestAckedTransmit - segment.TransmitNumber < LossThreshold) break;
            if (segment.ProbeBytes > 0)
            {
                lostProbe = segment.ProbeBytes;
            }
            else
            {
                largestLost = segment.TransmitNumber;
                lostBytes += Math.Max(segment.PayloadBytes, 1);
            }

            Lose((ushort)_inFlight.Head);
        }

        return lostBytes;
    }

    private void Stamp(ref SendSegment segment, ushort sequence, MonotonicTime now)
    {
        segment.State = SegmentState.InFlight;
        segment.SentAt = now;
        segment.TransmitNumber = _nextTransmitNumber++;
        if (_inFlight.IsEmpty) _deliveredAt = _firstSentAt = now;
        segment.FirstSentAt = _firstSentAt;
        segment.DeliveredAtSend = DeliveredBytes;
        segment.AppLimited = DeliveredBytes < _appLimitedUntil;
        segment.DeliveredTimeAtSend = _deliveredAt;
        BytesInFlight += segment.PayloadBytes;
        _inFlight.Append(this, sequence);
    }

    private void Lose(ushort sequence)
    {
        ref SendSegment segment = ref this[sequence];
        _inFlight.Remove(this, sequence);
        BytesInFlight -= segment.PayloadBytes;
        segment.State = SegmentState.Lost;
        _lost.Append(this, sequence);
    }

    private void Acknowledge(MonotonicTime now, ushort sequence, long minRttMicros, ref AckOutcome outcome)
    {
        ref SendSegment segment = ref this[sequence];
        if (segment.State == SegmentState.InFlight)
        {
            _inFlight.Remove(this, sequence);
            BytesInFlight -= segment.PayloadBytes;
        }
        else
        {
            _lost.Remove(this, sequence);
        }

        segment.State = SegmentState.Acked;
        DeliveredBytes += segment.PayloadBytes;
        _deliveredAt = now;
        outcome.AckedBytes += segment.PayloadBytes;
        outcome.AckedPackets++;
        outcome.ProbeAcked = Math.Max(outcome.ProbeAcked, segment.ProbeBytes);
        long rtt = (now - segment.SentAt).Ticks / TimeSpan.TicksPerMicrosecond;
        // An acknowledgement sooner than any round trip is that of an earlier transmission of the same packet.
        if (segment.Retransmitted && rtt < minRttMicros) return;
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
