namespace CS3103P2P.Stun.Ice;

/// <summary>How a candidate came to be (RFC 8445 §5.1.1), and what this product adds. The numbers are those of the offer.</summary>
public enum IceCandidateType
{
    /// <summary>An address of an interface, also one of the LAN.</summary>
    Host = 0,

    /// <summary>An outer port that a router forwards because it was asked to (PCP, NAT-PMP, UPnP).</summary>
    Mapped = 1,

    /// <summary>What a STUN server saw.</summary>
    ServerReflexive = 2,

    /// <summary>What the peer saw; learned from checks, never offered.</summary>
    PeerReflexive = 3,

    /// <summary>An address on a TURN server.</summary>
    Relayed = 4,

    /// <summary>A port that a NAT with sequential ports is expected to use next.</summary>
    Predicted = 5,
}
