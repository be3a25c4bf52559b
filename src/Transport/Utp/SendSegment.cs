namespace CS3103P2P.Transport.Utp;

/// <summary>Where a packet that uses a sequence number stands.</summary>
internal enum SegmentState : byte
{
    InFlight,
    Lost,
    Acked,
}

/// <summary>One packet that was sent and is not yet cumulatively acknowledged: an entry of <see cref="SendWindow"/>.</summary>
internal struct SendSegment
{
    public const int NoLink = -1;

    /// <summary>Position of the payload in the stream.</summary>
    public long Position;

    /// <summary>Order of transmissions, retransmissions included: what was sent three before something that arrived is lost.</summary>
    public long TransmitNumber;

    public MonotonicTime SentAt;

    /// <summary>Payload delivered, and when, as known at the time of sending.</summary>
    public long DeliveredAtSend;

    public MonotonicTime DeliveredTimeAtSend;

    /// <summary>When the packet was sent that was the last known to be delivered at the time of sending.</summary>
    public MonotonicTime FirstSentAt;

    public int PayloadBytes;

    /// <summary>The datagram's size when it is a path-MTU probe; otherwise 0.</summary>
    public int ProbeBytes;

    /// <summary>Neighbours, by sequence number, in the list of packets in flight or in that of lost ones.</summary>
    public int Previous;

    public int Next;

    public SegmentState State;
    public bool IsFin;
    public bool Retransmitted;

    /// <summary>Whether it last counted as lost because packets sent later had arrived.</summary>
    public bool WasOvertaken;

    /// <summary>Whether, when it was sent, the application had kept the path waiting: what it shows of the rate is no limit of the path.</summary>
    public bool AppLimited;
}
