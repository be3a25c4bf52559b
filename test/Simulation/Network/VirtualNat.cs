using CS3103P2P.Protocol;
using CS3103P2P.Stun;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>A router with a NAT (RFC 4787): mappings time out, reboots forget them, the provider may change its address.</summary>
internal sealed class VirtualNat(NatProfile profile, Random random)
{
    private const int FirstFreePort = 20_000;
    private const int LastFreePort = 60_000;

    /// <summary>Enough for a home; when all are in use, all are forgotten.</summary>
    private const int MaxMappings = 4_096;

    private readonly Dictionary<(TransportAddress Inside, UInt128 Address, ushort Port), Mapping> _byInside = [];
    private readonly Dictionary<ushort, Mapping> _byPort = [];
    private int _lastPort = random.Next(FirstFreePort, LastFreePort);

    public NatProfile Profile { get; } = profile;

    /// <summary>The port that a datagram's source has outside.</summary>
    public ushort TranslateOut(MonotonicTime now, TransportAddress inside, TransportAddress destination)
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
            else if (_byInside.Count >= MaxMappings) Forget(now);
            mapping = new Mapping(inside, PickPort(inside.Port));
            _byInside[key] = mapping;
            _byPort[mapping.Port] = mapping;
        }

        mapping.LastUsed = now;
        if (Profile.Filtering == NatFiltering.AddressDependent) mapping.Contacted.Add(destination.WithPort(0));
        else if (Profile.Filtering != NatFiltering.EndpointIndependent) mapping.Contacted.Add(destination);
        return mapping.Port;
    }

    /// <summary>Where a datagram from outside goes; null when it is dropped.</summary>
    public TransportAddress? TranslateIn(MonotonicTime now, ushort port, TransportAddress source)
    {
        if (!_byPort.TryGetValue(port, out Mapping? mapping) || mapping.LastUsed + Profile.Timeout < now) return null;
        bool passes = Profile.Filtering switch
        {
            NatFiltering.EndpointIndependent => true,
            NatFiltering.AddressDependent => mapping.Contacted.Contains(source.WithPort(0)),
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

    // Whatever is out of date goes; when nothing is, all goes, as with the routers that are rebooted for it.
    private void Forget(MonotonicTime now)
    {
        foreach ((var key, Mapping mapping) in _byInside.ToArray())
        {
            if (mapping.LastUsed + Profile.Timeout >= now) continue;
            _byInside.Remove(key);
            _byPort.Remove(mapping.Port);
        }

        if (_byInside.Count >= MaxMappings) Reboot();
    }

    private ushort PickPort(ushort wanted)
    {
        if (Profile.Ports == PortAssignment.Preserving && !_byPort.ContainsKey(wanted)) return wanted;
        ushort port;
        do
        {
            if (Profile.Ports == PortAssignment.Random) port = (ushort)random.Next(FirstFreePort, LastFreePort);
            else port = (ushort)(_lastPort = _lastPort + 1 < LastFreePort ? _lastPort + 1 : FirstFreePort);
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
    }
}
