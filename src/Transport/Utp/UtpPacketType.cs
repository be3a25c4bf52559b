namespace CS3103P2P.Transport.Utp;

/// <summary>The packet types of BEP 29, "type".</summary>
internal enum UtpPacketType : byte
{
    /// <summary>Payload; uses a sequence number.</summary>
    Data = 0,

    /// <summary>The last packet in its direction; uses a sequence number.</summary>
    Fin = 1,

    /// <summary>An acknowledgement without payload; uses no sequence number.</summary>
    State = 2,

    /// <summary>Ends the connection at once.</summary>
    Reset = 3,

    /// <summary>Opens a connection; its connection id is the one on which the sender listens.</summary>
    Syn = 4,
}
