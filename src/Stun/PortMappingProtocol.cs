namespace CS3103P2P.Stun;

/// <summary>The protocols by which a home router can be asked to forward a port, best first.</summary>
public enum PortMappingProtocol
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary>Port Control Protocol (RFC 6887).</summary>
    Pcp,

    /// <summary>NAT Port Mapping Protocol (RFC 6886).</summary>
    NatPmp,

    /// <summary>UPnP Internet Gateway Device, version 1 or 2.</summary>
    UpnpIgd,
}
