using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.PortMapping;

/// <summary>What PCP and NAT-PMP do differently under the same <see cref="GatewayMachine"/>.</summary>
internal interface IGatewayWire
{
    PortMappingProtocol Protocol { get; }

    /// <summary>Whether a count of epoch seconds that runs ahead means a restart too.</summary>
    bool DistrustsEpochAhead { get; }

    /// <summary>Requests sent before the router counts as silent.</summary>
    int MaxSends { get; }

    int WriteProbe(Span<byte> destination);

    int WriteMap(Span<byte> destination, MappingTransport transport, TransportAddress external, uint lifetimeSeconds);

    /// <summary>Reads what the router sent; <see cref="GatewayAnswerKind.None"/> when it is not for us.</summary>
    GatewayAnswer Read(ReadOnlySpan<byte> message);

    /// <summary>How long to wait after the send of this number, counted from 1, when the wait before it was <paramref name="previous"/>.</summary>
    TimeSpan RetransmitAfter(int sends, TimeSpan previous, Random random);
}
