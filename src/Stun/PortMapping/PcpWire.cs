using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.PortMapping;

/// <summary>PCP (RFC 6887) for one local address, IPv4 or IPv6.</summary>
internal sealed class PcpWire(TransportAddress client, ushort port, PcpNonce udpNonce, PcpNonce tcpNonce) : IGatewayWire
{
    private static readonly TimeSpan InitialRetransmit = TimeSpan.FromSeconds(3); // IRT, §8.1.1
    private static readonly TimeSpan MaxRetransmit = TimeSpan.FromSeconds(1024); // MRT
    private const double RandomSpread = 0.1; // RAND

    public PortMappingProtocol Protocol => PortMappingProtocol.Pcp;

    public bool DistrustsEpochAhead => true;

    public int MaxSends => int.MaxValue; // MRC and MRD are 0: the caller stops.

    public int WriteProbe(Span<byte> destination) => PcpCodec.WriteAnnounce(destination, client);

    public int WriteMap(Span<byte> destination, MappingTransport transport, TransportAddress external, uint lifetimeSeconds)
    {
        TransportAddress wished = external.IsUnspecified ? AnyAddress().WithPort(external.Port) : external;
        return PcpCodec.WriteMap(destination, client, lifetimeSeconds, new PcpMap(NonceOf(transport), transport, port, wished));
    }

    public GatewayAnswer Read(ReadOnlySpan<byte> message)
    {
        if (IsOtherVersion(message)) return new GatewayAnswer(GatewayAnswerKind.WrongVersion, PortMappingFailure.Unsupported, 0, default, default, 0);
        if (!PcpCodec.TryReadResponse(message, out PcpResponse response)) return default;

        // "I do not know that version", said in version 2, answers our NAT-PMP question (RFC 6887 §9).
        if (response.Result == PcpResultCode.UnsupportedVersion) return default;

        // A server without ANNOUNCE says so, and so shows that it is there.
        if (response.Opcode == PcpCodec.OpcodeAnnounce)
            return new GatewayAnswer(GatewayAnswerKind.Probe, PortMappingFailure.None, response.EpochSeconds, default, default, 0);
        PcpMap map = response.Map;
        bool ours = response.Opcode == PcpCodec.OpcodeMap && map.InternalPort == port
            && map.Transport is MappingTransport.Udp or MappingTransport.Tcp && map.Nonce == NonceOf(map.Transport);
        if (!ours) return default;
        return new GatewayAnswer(
            GatewayAnswerKind.Map,
            FailureOf(response.Result),
            response.EpochSeconds,
            map.Transport,
            map.External,
            response.LifetimeSeconds);
    }

    public TimeSpan RetransmitAfter(int sends, TimeSpan previous, Random random)
    {
        double spread = 1 + (((random.NextDouble() * 2) - 1) * RandomSpread);
        if (sends == 1) return InitialRetransmit * spread;
        TimeSpan doubled = previous * 2;
        return (doubled > MaxRetransmit ? MaxRetransmit : doubled) * spread;
    }

    internal static PortMappingFailure FailureOf(PcpResultCode result) => result switch
    {
        PcpResultCode.Success => PortMappingFailure.None,
        PcpResultCode.NotAuthorized => PortMappingFailure.NotAuthorized,
        PcpResultCode.NetworkFailure => PortMappingFailure.NetworkFailure,
        PcpResultCode.NoResources or PcpResultCode.UserExceededQuota or PcpResultCode.ExcessiveRemotePeers => PortMappingFailure.NoResources,
        PcpResultCode.CannotProvideExternal => PortMappingFailure.Conflict,
        PcpResultCode.AddressMismatch => PortMappingFailure.AddressMismatch,
        PcpResultCode.MalformedRequest or PcpResultCode.MalformedOption => PortMappingFailure.Malformed,
        _ => PortMappingFailure.Unsupported,
    };

    // A NAT-PMP-only router answers in its own version 0 with result 1 (RFC 6886 §3.5).
    private static bool IsOtherVersion(ReadOnlySpan<byte> message) =>
        NatPmpCodec.TryReadResponse(message, out NatPmpResponse old) && old.Result == NatPmpResultCode.UnsupportedVersion;

    private TransportAddress AnyAddress() => client.IsIPv4 ? TransportAddress.FromIPv4(0, 0) : default;

    private PcpNonce NonceOf(MappingTransport transport) => transport == MappingTransport.Udp ? udpNonce : tcpNonce;
}
