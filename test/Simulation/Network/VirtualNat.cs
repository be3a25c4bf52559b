using CS3103P2P.Protocol;
using CS3103P2P.Stun;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>A router with a NAT (RFC 4787): mappings time out, reboots forget them, the provider may change its address.</summary>
internal sealed class VirtualNat(NatProfile profile, uint publicAddress, Random random)
{
    private const int FirstFreePort = 20_000;
    private const int LastFreePort = 60_000;
    private readonly Dictionary<(TransportAddress Inside, UInt128 Address, ushort Port), Mapping> _byInside = [];
    private readonly Dictionary<ushort, Mapping> _byPort = [];

    public NatProfile Profile { get; } = profile;

    public uint PublicAddress { get; private set; } = publicAddress;

    /// <summary>The source that a datagram has outside.</summary>
    public TransportAddress TranslateOut(MonotonicTime now, TransportAddress inside, TransportAddress destination)
    {
        (TransportAddress, UInt128, ushort) key = Profile.Mapping switch
        {
            NatMapping.EndpointIndependent => (inside, default, default),
            NatMapping.AddressDependent => (inside, destination.AddressBits, default),
            _ => (inside, destination.AddressBits, destination.Port),
        };
        if (!_byInside.TryGetValue(key, out Mapping? mapping) || mapping.LastUsed + Profile.Timeout < now)
        {
            if (mapping is not null) _byPort.Remove(mapping.Port);
            mapping = new Mapping(inside, PickPort(inside.Port));
            _byInside[key] = mapping;
            _byPort[mapping.Port] = mapping;
        }

        mapping.LastUsed = now;
        mapping.Contacted.Add(destination);
        mapping.ContactedHosts.Add(destination.AddressBits);
        return TransportAddress.FromIPv4(PublicAddress, mapping.Port);
    }

    /// <summary>Where a datagram from outside goes; null when it is dropped.</summary>
    public TransportAddress? TranslateIn(MonotonicTime now, ushort port, TransportAddress source)
    {
        if (!_byPort.TryGetValue(port, out Mapping? mapping) || mapping.LastUsed + Profile.Timeout < now) return null;
        bool passes = Profile.Filtering switch
        {
            NatFiltering.EndpointIndependent => true,
            NatFiltering.AddressDependent => mapping.ContactedHosts.Contains(source.AddressBits),
            _ => mapping.Contacted.Contains(source),
        };
        return passes ? mapping.Inside : null;
    }

    /// <summary>Forgets all mappings.</summary>
    public void Reboot()
    {
        _byInside.Clear();
        _byPort.Clear();
    }

    /// <summary>The provider gives another address.</summary>
    public void Renumber(uint publicAddress)
    {
        PublicAddress = publicAddress;
        Reboot();
    }

    private ushort PickPort(ushort wanted)
    {
        if (Profile.KeepsPort && !_byPort.ContainsKey(wanted)) return wanted;
        ushort port;
        do
        {
            port = (ushort)random.Next(FirstFreePort, LastFreePort);
        }
        while (_byPort.ContainsKey(port));
        return port;
    }

    private sealed class Mapping(TransportAddress inside, ushort port)
    {
        public TransportAddress Inside { get; } = inside;

        public ushort Port { get; } = port;

        public MonotonicTime LastUsed { get; set; }

        public HashSet<TransportAddress> Contacted { get; } = [];

        public HashSet<UInt128> ContactedHosts { get; } = [];
    }
}
