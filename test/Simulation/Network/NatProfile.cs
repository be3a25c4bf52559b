using CS3103P2P.Stun;

namespace CS3103P2P.Simulation;

/// <summary>A NAT in the terms of RFC 4787.</summary>
/// <param name="Mapping">§4.1: whether the mapping depends on the destination.</param>
/// <param name="Filtering">§5: whose datagrams come in.</param>
/// <param name="Timeout">§4.3: how long a mapping lives without outbound traffic.</param>
/// <param name="Ports">§4.2.1: which port a mapping gets.</param>
/// <param name="Hairpins">§6: whether hosts behind it reach each other by its address.</param>
internal sealed record NatProfile(NatMapping Mapping, NatFiltering Filtering, TimeSpan Timeout, PortAssignment Ports, bool Hairpins)
{
    /// <summary>Whether each destination is told another address.</summary>
    public bool IsSymmetric => Mapping != NatMapping.EndpointIndependent;
}
