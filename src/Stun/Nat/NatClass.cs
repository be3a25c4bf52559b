namespace CS3103P2P.Stun;

/// <summary>A NAT or firewall by the name that people know it by; what follows from it for connections is in <see cref="NatExpectations"/>.</summary>
public enum NatClass
{
    /// <summary>Not enough is known.</summary>
    Unknown = 0,

    /// <summary>A public address, and anybody is let in.</summary>
    Public,

    /// <summary>A public address behind a firewall that lets answers in only.</summary>
    Firewalled,

    /// <summary>One external port for all, and anybody is let in there ("full cone").</summary>
    FullCone,

    /// <summary>One external port for all; whoever was sent to is let in, from any port ("restricted cone").</summary>
    RestrictedCone,

    /// <summary>One external port for all; only what was sent to is let in: the usual home router.</summary>
    PortRestricted,

    /// <summary>One external port for all; whom it lets in is not known.</summary>
    EndpointIndependent,

    /// <summary>Another external port for each destination, the next one each time.</summary>
    SymmetricSequential,

    /// <summary>Another external port for each destination, at random.</summary>
    Symmetric,

    /// <summary>No UDP gets through.</summary>
    UdpBlocked,
}
