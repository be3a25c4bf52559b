namespace CS3103P2P.Transport.Utp;

/// <summary>What happened on a connection since it was last asked.</summary>
[Flags]
internal enum UtpEvents
{
    None = 0,

    /// <summary>The handshake ended.</summary>
    Connected = 1,

    /// <summary>There is more to read, or the peer's stream ended.</summary>
    Readable = 2,

    /// <summary>There is room to write.</summary>
    Writable = 4,

    /// <summary>The connection left the machine; see <see cref="UtpConnection.CloseReason"/>.</summary>
    Closed = 8,
}
