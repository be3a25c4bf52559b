namespace CS3103P2P.NatLab;

/// <summary>How a home's router treats its hosts, in the words of RFC 4787 (EIM: endpoint-independent mapping, and so on).</summary>
public enum NatKind
{
    /// <summary>EIM, and endpoint-independent filtering: whoever knows the external port gets in.</summary>
    FullCone,

    /// <summary>EIM, address-dependent filtering.</summary>
    RestrictedCone,

    /// <summary>EIM, address- and port-dependent filtering: the usual home router.</summary>
    PortRestricted,

    /// <summary>The kernel's plain source NAT: keeps ports; EIM until two hosts use the same one.</summary>
    Linux,

    /// <summary>A random external port for every destination.</summary>
    Symmetric,

    /// <summary>A random external port for every destination address.</summary>
    SymmetricAddress,

    /// <summary>The next external port for every destination.</summary>
    SymmetricSequential,

    /// <summary>A port-restricted router behind a port-restricted carrier.</summary>
    Cgnat,

    /// <summary>A port-restricted router behind a symmetric carrier.</summary>
    CgnatSymmetric,

    /// <summary>No UDP at all; TCP through EIM.</summary>
    UdpBlocked,

    /// <summary>Public addresses behind a firewall that lets only answers in.</summary>
    Firewalled,

    /// <summary>Public addresses, nothing filtered.</summary>
    None,
}
