using CS3103P2P.Protocol;

namespace CS3103P2P.Stun;

/// <summary>What <see cref="StunClient.DiscoverNatAsync(IReadOnlyList{TransportAddress}, CancellationToken)"/> found out.</summary>
public sealed record NatBehavior
{
    /// <summary>Success when at least the public address is known.</summary>
    public StunOutcome Outcome { get; init; }

    /// <summary>The socket's address as the first server saw it.</summary>
    public TransportAddress PublicAddress { get; init; }

    /// <summary>The address as the second server, or the server's second address, saw it; null when there was no second answer.</summary>
    public TransportAddress? SecondPublicAddress { get; init; }

    /// <summary>How the NAT maps.</summary>
    public NatMapping Mapping { get; init; }

    /// <summary>How the NAT filters.</summary>
    public NatFiltering Filtering { get; init; }

    /// <summary>The second address of that server (RFC 5780 OTHER-ADDRESS); null when it has none, and so filtering cannot be found out.</summary>
    public TransportAddress? OtherAddress { get; init; }

    /// <summary>The server that told the public address.</summary>
    public TransportAddress Server { get; init; }

    /// <summary>Whether peers that are told the public address can reach the socket by hole punching.</summary>
    public bool? IsEndpointIndependent => Mapping switch
    {
        NatMapping.Unknown => null,
        NatMapping.None or NatMapping.EndpointIndependent => true,
        _ => false,
    };
}
