namespace CS3103P2P.Stun;

/// <summary>STUN methods (RFC 8489 §18.2; TURN's in RFC 8656 §17). Twelve bits.</summary>
public enum StunMethod
{
    /// <summary>Reserved; in no valid message.</summary>
    None = 0,

    /// <summary>Asks for the reflexive address; also the ICE connectivity check.</summary>
    Binding = 0x001,

    /// <summary>TURN: asks for a relayed address.</summary>
    Allocate = 0x003,

    /// <summary>TURN: prolongs or ends an allocation.</summary>
    Refresh = 0x004,

    /// <summary>TURN indication: data from the client to a peer.</summary>
    Send = 0x006,

    /// <summary>TURN indication: data from a peer to the client.</summary>
    Data = 0x007,

    /// <summary>TURN: lets a peer's address send to the allocation.</summary>
    CreatePermission = 0x008,

    /// <summary>TURN: binds a channel number to a peer.</summary>
    ChannelBind = 0x009,
}
