using CS3103P2P.Protocol;

namespace CS3103P2P.Transport.Utp;

/// <summary>
/// One uTP connection (BEP 29) without I/O. Owned by a <see cref="UtpMachine"/>; not thread-safe but for its two byte buffers, each of
/// which has one user at the other end. After each input: take <see cref="TakeEvents"/>, drain <see cref="PollTransmit"/>, then sleep
/// until <see cref="Deadline"/>.
/// </summary>
internal sealed partial class UtpConnection
{
    // How long a finished connection answers a repeated FIN of a peer that did not hear the acknowledgement.
    private const long FinishedLingerMicros = 3_000_000;

    private readonly UtpOptions _options;
    private readonly TimerTable _timers = new();
    private readonly RttEstimator _rtt = new();
    private readonly DelayHistory _delay = new();
    private readonly DelayHistory _peerDelay = new();
    private readonly SendWindow _send;
    private readonly ReceiveWindow _receive;
    private readonly MtuProber _mtu;
    private readonly IUtpCongestionController _congestion;
    private readonly bool _isInitiator;
    private readonly ushort _initialSequence;
    private readonly ushort _peerSynSequence;
    private UtpEvents _events;
    private bool _resetDue;
    private bool _finRequested;
    private bool _finSent;
    private bool _closeRequested;
    private bool _finished;

    public UtpConnection(UtpConnectionSetup setup, MonotonicTime now)
    {
        _options = setup.Options;
        _isInitiator = setup.IsInitiator;
        _initialSequence = setup.InitialSequence;
        _peerSynSequence = setup.PeerSequence;
        RemoteAddress = setup.RemoteAddress;
        ReceiveId = setup.ReceiveId;
        SendId = setup.SendId;
        Outgoing = new SpscByteBuffer(_options.SendBufferBytes, setup.StreamBlocks);
        Incoming = new SpscByteBuffer(_options.ReceiveWindowBytes + ReceiveWindow.ReserveBytes, setup.StreamBlocks);
        _receive = new ReceiveWindow(Incoming, setup.Pool);
        _mtu = new MtuProber(RemoteAddress.IsLoopback ? _options.MaxLoopbackDatagramBytes : _options.MaxDatagramBytes);
        _congestion = CreateController(_options);
        _lastReceivedAt = _lastSentAt = now;
        if (_isInitiator)
        {
            State = UtpState.SynSent;
            _send = new SendWindow(SequenceNumber.Add(_initialSequence, 1));
            _synDue = true;
        }
        else
        {
            State = UtpState.SynReceived;
            _send = new SendWindow(_initialSequence);
            _receive.Start(SequenceNumber.Add(_peerSynSequence, 1));
            _ackNow = true;
        }

        _timers.Set(UtpTimer.PeerTimeout, now + _options.ConnectTimeout);
    }

    /// <summary>Where packets go; <see cref="UtpMachine.Migrate"/> changes it.</summary>
    public TransportAddress RemoteAddress { get; private set; }

    public ushort ReceiveId { get; }

    public ushort SendId { get; }

    public UtpState State { get; private set; }

    public UtpCloseReason CloseReason { get; private set; }

    /// <summary>What the user wrote: the user produces, the connection consumes.</summary>
    public SpscByteBuffer Outgoing { get; }

    /// <summary>What the peer sent: the connection produces, the user consumes.</summary>
    public SpscByteBuffer Incoming { get; }

    /// <summary>Whether everything that the peer will ever send is in <see cref="Incoming"/>.</summary>
    public bool IsReceiveFinished => _receive.IsFinished;

    /// <summary>When <see cref="HandleTimeout"/> is next due.</summary>
    public MonotonicTime Deadline => _timers.Earliest;

    /// <summary>Smoothed round-trip time in microseconds; 0 while unknown.</summary>
    public long RttMicros => _rtt.SmoothedMicros;

    /// <summary>Payload that may be in flight.</summary>
    public long CongestionWindowBytes => _congestion.WindowBytes;

    /// <summary>Payload that is in flight.</summary>
    public long BytesInFlight => _send.BytesInFlight;

    /// <summary>The largest datagram that the path is known to carry.</summary>
    public int DatagramBytes => _mtu.DatagramBytes;

    /// <summary>The sequence number of the next new packet.</summary>
    public ushort NextSequence => _send.NextSequence;

    /// <summary>Packets sent again so far.</summary>
    public long Retransmissions { get; private set; }

    /// <summary>Whether the user closed it.</summary>
    public bool IsClosing => _closeRequested;

    /// <summary>Whether the user closed it and the peer does not have everything yet.</summary>
    public bool IsDelivering =>
        State == UtpState.Connected && _closeRequested && (!_finSent || Outgoing.UsedBytes > 0 || (_send.Count > 0 && !_receive.IsFinished));

    /// <summary>Whoever is told of its events.</summary>
    public object? Owner { get; set; }

    /// <summary>Whether it waits for its turn to send; the machine's own mark.</summary>
    public bool IsReadyToTransmit { get; set; }

    /// <summary>Whether its events wait to be taken; the machine's own mark.</summary>
    public bool HasQueuedEvents { get; set; }

    /// <summary>Its place in the machine's queue of deadlines; -1 when it has none.</summary>
    public int DeadlineIndex { get; set; } = -1;

    /// <summary>Its deadline there, which may be earlier than the true one.</summary>
    public MonotonicTime QueuedDeadline { get; set; }

    public bool HasEvents => _events != UtpEvents.None;

    /// <summary>Whether a SYN is that which opened this connection.</summary>
    public bool IsOpenedBy(ushort synSequence) => !_isInitiator && synSequence == _peerSynSequence;

    public UtpEvents TakeEvents()
    {
        UtpEvents events = _events;
        _events = UtpEvents.None;
        return events;
    }

    /// <summary>Ends the outgoing stream after what was written (half-close).</summary>
    public void ShutdownWrite() => _finRequested = true;

    /// <summary>Ends both directions: delivers what was written for as long as <see cref="UtpOptions.Linger"/> allows, discards what arrives.</summary>
    public void Close(MonotonicTime now)
    {
        if (State == UtpState.Closed || _closeRequested) return;
        if (State != UtpState.Connected)
        {
            Abort(UtpCloseReason.Aborted);
            return;
        }

        _closeRequested = true;
        _finRequested = true;
        _receive.IsDiscarding = true;
        _timers.SetNoLaterThan(UtpTimer.Linger, now + _options.Linger);
        CheckFinished(now);
    }

    /// <summary>Ends the connection at once and tells the peer.</summary>
    public void Abort(UtpCloseReason reason)
    {
        if (State == UtpState.Closed) return;
        _resetDue = State != UtpState.SynSent;
        End(reason);
    }

    /// <summary>Goes on over another path, of which nothing is known yet. The machine's lookup is its caller's business.</summary>
    public void MoveTo(MonotonicTime now, TransportAddress remote)
    {
        RemoteAddress = remote;
        if (State != UtpState.Connected) return;
        _rtt.Reset();
        _delay.Reset();
        _peerDelay.Reset();
        _mtu.Reset();
        _congestion.HandlePathChange(now);
        _send.ForgetReordering();
        _send.LoseAll();
        _recoveryEnd = _send.NextTransmitNumber;
        _retransmitBase = now;
        _ackNow = true;
        ArmRetransmit();
    }

    private static IUtpCongestionController CreateController(UtpOptions options) => options.Congestion switch
    {
        UtpCongestion.Throughput => new PacedController(options.SendBufferBytes),
        _ => new LedbatController((long)options.TargetDelay.TotalMicroseconds, options.SendBufferBytes),
    };

    private void End(UtpCloseReason reason)
    {
        State = UtpState.Closed;
        CloseReason = reason;
        _timers.StopAll();
        _receive.Release();
        _events |= UtpEvents.Closed;
    }

    private void CheckFinished(MonotonicTime now)
    {
        if (_finished || State != UtpState.Connected || !_finSent || _send.Count > 0 || !_receive.IsFinished) return;
        _finished = true;
        _timers.Set(UtpTimer.Linger, now + TimeSpan.FromMicroseconds(FinishedLingerMicros));
    }
}
