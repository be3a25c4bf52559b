namespace CS3103P2P.Stun;

/// <summary>From whom a NAT or firewall lets datagrams in (RFC 4787 §5).</summary>
public enum NatFiltering
{
    /// <summary>Not found out: the server has no second address.</summary>
    Unknown = 0,

    /// <summary>From anybody, once the socket has sent anything.</summary>
    EndpointIndependent,

    /// <summary>From IP addresses to which the socket has sent.</summary>
    AddressDependent,

    /// <summary>From addresses and ports to which the socket has sent.</summary>
    AddressAndPortDependent,
}
