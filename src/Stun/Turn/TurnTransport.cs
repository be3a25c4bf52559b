namespace CS3103P2P.Stun;

/// <summary>How a TURN server is spoken to.</summary>
public enum TurnTransport
{
    /// <summary>UDP.</summary>
    Udp = 0,

    /// <summary>TCP, for networks that block UDP.</summary>
    Tcp,

    /// <summary>TLS over TCP, for networks that let only HTTPS through.</summary>
    Tls,
}
