namespace CS3103P2P.Transport.Utp;

/// <content>What leaves: handshake, acknowledgements, runs of payload.</content>
internal sealed partial class UtpConnection
{
    /// <summary>Most datagrams of one run: what Linux segments in one call (UDP_MAX_SEGMENTS of older kernels).</summary>
    public const int MaxRunDatagrams = 64;

    private const int MaxRunBytes = 65_000;
    private const long MaxPacingBurstMicros = 2_000;
    private const double PacingRunSeconds = 0.001;

    private MonotonicTime _lastSentAt;
    private MonotonicTime _synSentAt;
    private MonotonicTime _pacedUntil;
    private long _nextPosition;
    private long _advertisedWindow;
    private long _limitedBefore;
    private int _synSends;
    private bool _synDue;
    private bool _keepAliveDue;
    private bool _windowProbeDue;
    private bool _dry;

    private int FullPayloadBytes => _mtu.DatagramBytes - UtpHeader.SizeInBytes;

    /// <summary>Writes what is due: one packet, or a run of data packets of one size.</summary>
    public bool PollTransmit(MonotonicTime now, Span<byte> buffer, out Transmit transmit)
    {
        transmit = default;
        if (State == UtpState.Closed)
        {
            if (!_resetDue) return false;
            _resetDue = false;
            return Emit(now, buffer, UtpPacketType.Reset, _send.NextSequence, out transmit);
        }

        if (State == UtpState.SynSent) return PollSyn(now, buffer, out transmit);
        if (_ackNow && _receive.HasGap) return EmitState(now, buffer, out transmit);
        if (State == UtpState.Connected && PollRun(now, buffer, out transmit)) return true;
        if (_ackNow) return EmitState(now, buffer, out transmit);
        if (!_keepAliveDue) return false;

        // A data packet that was acknowledged long ago: the peer answers it with an acknowledgement.
        return Emit(now, buffer, UtpPacketType.Data, SequenceNumber.Add(_send.UnackedSequence, -1), out transmit);
    }

    private bool PollSyn(MonotonicTime now, Span<byte> buffer, out Transmit transmit)
    {
        transmit = default;
        if (!_synDue) return false;
        _synDue = false;
        _synSentAt = now;
        long wait = RttEstimator.InitialTimeoutMicros << Math.Min(_synSends++, 3);
        _timers.Set(UtpTimer.Retransmit, now + TimeSpan.FromMicroseconds(wait));
        var header = new UtpHeader(UtpPacketType.Syn, ReceiveId, (uint)now.Micros, 0, _receive.WindowBytes, _initialSequence, 0);
        header.Write(buffer);
        transmit = new Transmit(RemoteAddress, UtpHeader.SizeInBytes);
        return true;
    }

    private bool EmitState(MonotonicTime now, Span<byte> buffer, out Transmit transmit)
    {
        const int Prefix = UtpHeader.SizeInBytes + UtpPacket.ExtensionPrefixBytes;
        int mask = _receive.WriteSelectiveAck(buffer.Slice(Prefix, UtpPacket.MaxSelectiveAckBytes));
        if (mask == 0) return Emit(now, buffer, UtpPacketType.State, _send.NextSequence, out transmit);
        WriteHeader(now, buffer, UtpPacketType.State, _send.NextSequence, UtpPacket.SelectiveAckExtension);
        buffer[UtpHeader.SizeInBytes] = 0;
        buffer[UtpHeader.SizeInBytes + 1] = (byte)mask;
        transmit = new Transmit(RemoteAddress, Prefix + mask);
        return true;
    }

    private bool Emit(MonotonicTime now, Span<byte> buffer, UtpPacketType type, ushort sequence, out Transmit transmit)
    {
        WriteHeader(now, buffer, type, sequence, 0);
        transmit = new Transmit(RemoteAddress, UtpHeader.SizeInBytes);
        return true;
    }

    // Every packet acknowledges what has arrived and tells the window.
    private void WriteHeader(MonotonicTime now, Span<byte> buffer, UtpPacketType type, ushort sequence, byte extension)
    {
        uint window = _receive.WindowBytes;
        ushort ack = SequenceNumber.Add(_receive.NextSequence, -1);
        var header = new UtpHeader(type, SendId, (uint)now.Micros, _replyDelayMicros, window, sequence, ack);
        header.Write(buffer, extension);
        _advertisedWindow = window;
        _ackNow = _keepAliveDue = false;
        _unackedPackets = 0;
        _lastSentAt = now;
    }

    private bool PollRun(MonotonicTime now, Span<byte> buffer, out Transmit transmit)
    {
        transmit = default;
        int total = 0;
        int segment = 0;
        int payload = 0;
        bool mayFragment = false;
        int limit = Math.Min(Math.Min(buffer.Length, MaxRunBytes), PacingAllowance(now));
        for (int i = 0; i < MaxRunDatagrams && !mayFragment; i++)
        {
            if (!TryChooseNext(now, out OutgoingPacket next)) break;
            int size = next.DatagramBytes;
            if (segment != 0 && (size > segment || total + size > limit)) break;
            if (segment == 0 && (limit <= 0 || size > buffer.Length))
            {
                NoteLimited();
                break;
            }

            bool tooLarge = size > _mtu.DatagramBytes && next.ProbeBytes == 0;
            if (segment != 0 && (tooLarge || next.ProbeBytes > 0)) break;
            mayFragment = tooLarge;
            WritePacket(now, buffer.Slice(total, size), next);
            total += size;
            payload += next.PayloadBytes;
            if (segment == 0) segment = size;
            if (size < segment || next.ProbeBytes > 0) break;
        }

        if (total == 0) return false;
        NotePaced(now, payload);
        transmit = new Transmit(RemoteAddress, total, segment) { MayFragment = mayFragment };
        return true;
    }

    private bool TryChooseNext(MonotonicTime now, out OutgoingPacket next)
    {
        next = default;
        if (_send.HasLost)
        {
            ref SendSegment lost = ref _send[_send.FirstLost];
            if (!_tailProbeDue && !FitsCongestionWindow(lost.PayloadBytes)) return false;
            next = new OutgoingPacket(_send.FirstLost, true, lost.Position, lost.PayloadBytes, lost.IsFin, 0);
            return true;
        }

        int available = (int)(Outgoing.WrittenPosition - _nextPosition);
        if (_send.IsFull || _finSent) return false;
        if (available == 0)
        {
            NoteDry();
            if (!_finRequested) return false;
            next = new OutgoingPacket(_send.NextSequence, false, _nextPosition, 0, true, 0);
            return true;
        }

        int full = FullPayloadBytes;
        int payload = Math.Min(available, full);
        if (!FitsCongestionWindow(payload) || !TryFitPeerWindow(now, ref payload)) return false;
        int probe = payload == full ? PollMtuProbe(now) : 0;
        next = new OutgoingPacket(_send.NextSequence, false, _nextPosition, payload, false, probe);
        return true;
    }

    private int PollMtuProbe(MonotonicTime now)
    {
        int probe = _mtu.PollProbe(now);
        return probe >= _mtu.DatagramBytes + UtpPacket.ExtensionPrefixBytes ? probe : 0;
    }

    private bool FitsCongestionWindow(int payload)
    {
        if (_send.BytesInFlight == 0 || _send.BytesInFlight + payload <= _congestion.WindowBytes) return true;
        NoteLimited();
        return false;
    }

    // Fills the peer's window with full packets only, but for a lone one; a shut window is probed now and then (RFC 9293 §3.8.6.1).
    private bool TryFitPeerWindow(MonotonicTime now, ref int payload)
    {
        long room = _peerWindowBytes - _send.BytesInFlight;
        if (payload <= room)
        {
            _windowProbes = 0;
            _windowProbeDue = false;
            return true;
        }

        if (_send.BytesInFlight > 0) return false;
        if (room > 0) payload = (int)room;
        else if (!_windowProbeDue) ArmWindowProbe(now);
        return room > 0 || _windowProbeDue;
    }

    private void WritePacket(MonotonicTime now, Span<byte> datagram, in OutgoingPacket packet)
    {
        bool first = !_send.HasInFlight;
        if (packet.IsRetransmission)
        {
            _send.Resend(now, packet.Sequence);
            _tailProbeDue = false;
            Retransmissions++;
        }
        else
        {
            if (_dry) _send.NoteAppLimited();
            _dry = false;
            ref SendSegment segment = ref _send.Append(now, packet.Position, packet.PayloadBytes, packet.IsFin);
            segment.ProbeBytes = packet.ProbeBytes;
            _nextPosition += packet.PayloadBytes;
            _finSent |= packet.IsFin;
            _windowProbeDue = false;
            if (packet.ProbeBytes > 0) _mtu.HandleProbeSent(now);
        }

        if (first) _retransmitBase = now;
        ArmRetransmit();
        int padding = datagram.Length - UtpHeader.SizeInBytes - packet.PayloadBytes;
        WriteHeader(
            now,
            datagram,
            packet.IsFin ? UtpPacketType.Fin : UtpPacketType.Data,
            packet.Sequence,
            padding > 0 ? UtpPacket.PaddingExtension : (byte)0);
        if (padding > 0) UtpPacket.WritePadding(datagram.Slice(UtpHeader.SizeInBytes, padding));
        if (packet.PayloadBytes > 0) Outgoing.CopyTo(packet.Position, datagram[(UtpHeader.SizeInBytes + padding)..]);
    }

    // What is acknowledged of what was sent until now was held back by the network, not by the application.
    private void NoteLimited() => _limitedBefore = _send.NextTransmitNumber;

    private void NoteDry()
    {
        if (_send.BytesInFlight + FullPayloadBytes > _congestion.WindowBytes) return;
        _dry = true;
        _send.NoteAppLimited();
    }

    private int PacingAllowance(MonotonicTime now)
    {
        long rate = _congestion.PacingBytesPerSecond;
        if (rate == 0 || _tailProbeDue) return int.MaxValue;
        if (now < _pacedUntil)
        {
            _timers.SetNoLaterThan(UtpTimer.Pacing, _pacedUntil);
            return 0;
        }

        return (int)Math.Clamp(rate * PacingRunSeconds, 2 * _mtu.DatagramBytes, MaxRunBytes);
    }

    // The rate is one of payload, as the path was seen to deliver it.
    private void NotePaced(MonotonicTime now, int bytes)
    {
        long rate = _congestion.PacingBytesPerSecond;
        if (rate == 0) return;
        MonotonicTime from = now - TimeSpan.FromMicroseconds(MaxPacingBurstMicros);
        if (_pacedUntil > from) from = _pacedUntil;
        _pacedUntil = from + TimeSpan.FromMicroseconds(bytes * 1e6 / rate);
    }

    /// <summary>A data packet or FIN that is to be written next.</summary>
    private readonly record struct OutgoingPacket(ushort Sequence, bool IsRetransmission, long Position, int PayloadBytes, bool IsFin, int ProbeBytes)
    {
        public int DatagramBytes => ProbeBytes > 0 ? ProbeBytes : UtpHeader.SizeInBytes + PayloadBytes;
    }
}
