namespace CS3103P2P.Transport.Utp;

/// <summary>What one acknowledgement changed in a <see cref="SendWindow"/>.</summary>
internal struct AckOutcome
{
    /// <summary>Payload newly acknowledged, cumulatively or selectively.</summary>
    public int AckedBytes;

    /// <summary>Packets newly acknowledged.</summary>
    public int AckedPackets;

    /// <summary>Whether the oldest unacknowledged packet moved on.</summary>
    public bool Advanced;

    /// <summary>Round-trip time of the packet sent last among those acknowledged and never retransmitted; 0 for none.</summary>
    public long RttMicros;

    /// <summary>Whether a later acknowledgement came before: nothing was changed.</summary>
    public bool IsStale;

    /// <summary>Whether the packet sent last among those acknowledged was sent while the application kept the path waiting.</summary>
    public bool AppLimited;

    /// <summary>Delivery state when the packet sent last among those acknowledged was sent.</summary>
    public long DeliveredAtSend;

    public MonotonicTime DeliveredTimeAtSend;

    /// <summary>How long it took to send what was delivered since then: shows when acknowledgements come in a lump.</summary>
    public long SendIntervalMicros;

    /// <summary>The largest path-MTU probe among the packets acknowledged; 0 for none.</summary>
    public int ProbeAcked;

    /// <summary>Transmission order of the packet sent last among those acknowledged.</summary>
    public long LargestTransmitNumber;
}
