namespace CS3103P2P.Transport;

/// <summary>Why a uTP connection ended.</summary>
public enum UtpCloseReason
{
    /// <summary>It has not ended.</summary>
    None = 0,

    /// <summary>Both sides finished.</summary>
    Finished,

    /// <summary>The peer reset the connection, or nobody listens there.</summary>
    Reset,

    /// <summary>Nothing was heard from the peer for <see cref="UtpOptions.PeerTimeout"/>, or the handshake did not end in time.</summary>
    TimedOut,

    /// <summary>This side aborted it.</summary>
    Aborted,

    /// <summary>The transport was disposed.</summary>
    TransportClosed,

    /// <summary><see cref="UtpOptions.MaxConnections"/> was reached.</summary>
    TooManyConnections,

    /// <summary>The sides disagree on what was delivered: an acknowledgement was damaged on the way, so the stream cannot go on.</summary>
    Damaged,
}
