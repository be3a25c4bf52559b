namespace CS3103P2P.Stun.Ice;

/// <summary>What an agent knows of the NAT in front of it; travels in the offer, so that both sides choose the same means.</summary>
/// <param name="Mapping">How it picks external ports.</param>
/// <param name="Filtering">Whom it lets in.</param>
/// <param name="PortDelta">
/// How far its next external port lies from the last when it goes by a constant step; 0 when it does not, or is not known to.
/// </param>
public readonly record struct IceNat(NatMapping Mapping, NatFiltering Filtering, short PortDelta = 0)
{
    /// <summary>Whether each peer sees another external port ("symmetric").</summary>
    public bool IsSymmetric => Mapping is NatMapping.AddressDependent or NatMapping.AddressAndPortDependent or NatMapping.Dependent;

    /// <summary>Whether a peer's datagram is let in from any port once something was sent to that peer's IP address.</summary>
    public bool AdmitsAnyPort => Filtering is NatFiltering.EndpointIndependent or NatFiltering.AddressDependent;

    /// <summary>
    /// Whether birthday guessing is needed and can work between a side that opens many ports and one that guesses them: the ports are
    /// unknown in advance, the other side's port is known, and it lets in only what comes from a port that it has sent to. A side that does not know
    /// its mapping does not guess: were it symmetric, each guess would take a port of its router, and thousands of them stop many a home's router.
    /// </summary>
    public static bool IsBirthdayCase(IceNat many, IceNat guesser) =>
        many.IsSymmetric && (guesser.Mapping is NatMapping.None or NatMapping.EndpointIndependent) && !guesser.AdmitsAnyPort;
}
