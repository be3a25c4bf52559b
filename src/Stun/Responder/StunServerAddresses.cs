using CS3103P2P.Protocol;

namespace CS3103P2P.Stun;

/// <summary>
/// The four addresses of a server for NAT behaviour discovery (RFC 5780 §6): two IP addresses with two ports each. Sockets
/// are numbered 0 to 3: bit 1 is the IP address, bit 0 the port.
/// </summary>
/// <param name="Primary">IP address 0 with port 0.</param>
/// <param name="Alternate">IP address 1 with port 1.</param>
public sealed record StunServerAddresses(TransportAddress Primary, TransportAddress Alternate)
{
    /// <summary>How many sockets there are.</summary>
    public const int Count = 4;

    /// <summary>The address of a socket.</summary>
    public TransportAddress this[int index] =>
        ((index & 2) == 0 ? Primary : Alternate).WithPort((index & 1) == 0 ? Primary.Port : Alternate.Port);
}
