namespace CS3103P2P.Transport.Utp;

/// <summary>The stages of a connection. Each direction's end is kept beside it.</summary>
internal enum UtpState
{
    /// <summary>Waits for the answer to its SYN.</summary>
    SynSent,

    /// <summary>Answered a SYN and waits for a packet which shows that the peer is where it says.</summary>
    SynReceived,

    Connected,

    /// <summary>Gone from the machine.</summary>
    Closed,
}
