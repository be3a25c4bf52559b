using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.Tests;

/// <summary>A NAT as RFC 4787 classifies them, for one inside socket.</summary>
internal sealed class VirtualNat(NatMapping mapping, NatFiltering filtering)
{
    private const uint PublicIPv4 = 0xCB007105;   // 203.0.113.5

    private readonly Dictionary<(UInt128 Address, int Port), TransportAddress> _external = [];
    private readonly Dictionary<TransportAddress, HashSet<TransportAddress>> _contacted = [];

    /// <summary>An outbound datagram: the external address it gets.</summary>
    public TransportAddress Outbound(TransportAddress destination)
    {
        (UInt128, int) key = mapping switch
        {
            NatMapping.AddressDependent => (destination.AddressBits, 0),
            NatMapping.AddressAndPortDependent => (destination.AddressBits, destination.Port),
            _ => (UInt128.Zero, 0),
        };
        if (!_external.TryGetValue(key, out TransportAddress external))
        {
            external = TransportAddress.FromIPv4(PublicIPv4, (ushort)(40_000 + _external.Count));
            _external.Add(key, external);
            _contacted.Add(external, []);
        }

        _contacted[external].Add(destination);
        return external;
    }

    /// <summary>Whether an inbound datagram gets through.</summary>
    public bool Admits(TransportAddress external, TransportAddress source) =>
        _contacted.TryGetValue(external, out HashSet<TransportAddress>? contacted) && filtering switch
        {
            NatFiltering.EndpointIndependent => true,
            NatFiltering.AddressDependent => contacted.Any(c => c.AddressBits == source.AddressBits),
            _ => contacted.Contains(source),
        };
}
