namespace CS3103P2P.Transport.Utp;

/// <summary>The timers of one connection.</summary>
internal enum UtpTimer
{
    /// <summary>SYN, tail probe and retransmission timeout.</summary>
    Retransmit,

    /// <summary>A packet that was overtaken has been late for long enough to be lost.</summary>
    Reordering,

    /// <summary>An acknowledgement that waits for a second packet.</summary>
    DelayedAck,

    /// <summary>The peer's window is shut and nothing is in flight.</summary>
    WindowProbe,

    /// <summary>The pacer allows the next run.</summary>
    Pacing,

    /// <summary>Keeps NAT mappings open and asks a silent peer for a sign of life.</summary>
    KeepAlive,

    /// <summary>Nothing was heard for too long; also bounds the handshake.</summary>
    PeerTimeout,

    /// <summary>Bounds the time after close.</summary>
    Linger,

    /// <summary>The next search for a larger datagram.</summary>
    MtuProbe,

    /// <summary>How many timers there are.</summary>
    Count,
}
