namespace CS3103P2P.Stun;

/// <summary>How a NAT picks the external address of a socket that talks to several hosts (RFC 4787 §4.1).</summary>
public enum NatMapping
{
    /// <summary>Not found out.</summary>
    Unknown = 0,

    /// <summary>There is no NAT: the public address is the socket's own.</summary>
    None,

    /// <summary>One external address for all hosts; peers can be told it.</summary>
    EndpointIndependent,

    /// <summary>Another one for each remote IP address.</summary>
    AddressDependent,

    /// <summary>Another one for each remote IP address and port ("symmetric").</summary>
    AddressAndPortDependent,

    /// <summary>Not endpoint-independent; which of the two others, the servers at hand could not tell.</summary>
    Dependent,
}
