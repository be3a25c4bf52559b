namespace CS3103P2P.Transport;

/// <summary>The protocols that share one UDP port, told apart by content (in the manner of RFC 7983).</summary>
public enum DatagramKind
{
    /// <summary>None of the others; dropped unless a handler asks for it.</summary>
    Foreign = 0,

    /// <summary>STUN, and ICE checks, which are STUN (RFC 8489 §5: two zero bits, the magic cookie, a length divisible by 4).</summary>
    Stun,

    /// <summary>TURN ChannelData (RFC 8656 §12.4) on channels 0x4000 to 0x40FF, the only ones that this product's client binds.</summary>
    TurnChannel,

    /// <summary>uTP (BEP 29: version 1, type 0 to 4, a header of 20 bytes).</summary>
    Utp,

    /// <summary>The tracker's text protocol: begins with an upper-case ASCII word.</summary>
    Tracker,
}
