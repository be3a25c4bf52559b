using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.PortMapping;

/// <summary>NAT-PMP (RFC 6886) for one local port.</summary>
internal sealed class NatPmpWire(ushort port) : IGatewayWire
{
    private static readonly TimeSpan InitialRetransmit = TimeSpan.FromMilliseconds(250); // §3.1, doubled after each send

    public PortMappingProtocol Protocol => PortMappingProtocol.NatPmp;

    public bool DistrustsEpochAhead => false;

    public int MaxSends => 9; // §3.1: the last wait is 64 s

    public int WriteProbe(Span<byte> destination) => NatPmpCodec.WriteExternalAddress(destination);

    public int WriteMap(Span<byte> destination, MappingTransport transport, TransportAddress external, uint lifetimeSeconds) =>
        NatPmpCodec.WriteMap(destination, transport, port, lifetimeSeconds == 0 ? (ushort)0 : external.Port, lifetimeSeconds);

    public GatewayAnswer Read(ReadOnlySpan<byte> message)
    {
        // A PCP-only server answers version 0 in its own version (RFC 6887 §9).
        if (PcpCodec.TryReadResponse(message, out PcpResponse pcp) && pcp.Result == PcpResultCode.UnsupportedVersion)
            return new GatewayAnswer(GatewayAnswerKind.WrongVersion, PortMappingFailure.Unsupported, 0, default, default, 0);
        if (!NatPmpCodec.TryReadResponse(message, out NatPmpResponse response)) return default;

        // "I do not know that version", said in version 0, answers our PCP question.
        if (response.Result == NatPmpResultCode.UnsupportedVersion) return default;
        PortMappingFailure failure = FailureOf(response.Result);
        if (response.Opcode == NatPmpCodec.OpcodeExternalAddress)
            return new GatewayAnswer(GatewayAnswerKind.Probe, failure, response.EpochSeconds, default, response.ExternalAddress, 0);
        if (response.Opcode is not (NatPmpCodec.OpcodeMapUdp or NatPmpCodec.OpcodeMapTcp)) return default;
        if (failure == PortMappingFailure.None && response.InternalPort != port) return default;
        return new GatewayAnswer(
            GatewayAnswerKind.Map,
            failure,
            response.EpochSeconds,
            response.Opcode == NatPmpCodec.OpcodeMapUdp ? MappingTransport.Udp : MappingTransport.Tcp,
            default(TransportAddress).WithPort(response.ExternalPort),
            response.LifetimeSeconds);
    }

    public TimeSpan RetransmitAfter(int sends, TimeSpan previous, Random random) => sends == 1 ? InitialRetransmit : previous * 2;

    private static PortMappingFailure FailureOf(NatPmpResultCode result) => result switch
    {
        NatPmpResultCode.Success => PortMappingFailure.None,
        NatPmpResultCode.NotAuthorized => PortMappingFailure.NotAuthorized,
        NatPmpResultCode.NetworkFailure => PortMappingFailure.NetworkFailure,
        NatPmpResultCode.OutOfResources => PortMappingFailure.NoResources,
        _ => PortMappingFailure.Unsupported,
    };
}
