namespace CS3103P2P.Stun.Tests.Ice;

/// <summary>The kinds of home that the laboratory has too.</summary>
public enum IceNatKind
{
    Public,
    FullCone,
    RestrictedCone,
    PortRestricted,
    Firewalled,
    Symmetric,
    SymmetricSequential,
    Cgnat,
    CgnatSymmetric,
    UdpBlocked,
}
