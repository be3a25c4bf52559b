using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.Tests.Ice;

/// <summary>A NAT or firewall between two networks, in the terms of RFC 4787.</summary>
internal sealed class VirtualRouter(VirtualNetwork outside, VirtualNetwork inside, TransportAddress outer, IceNatKind kind) : IVirtualNode
{
    private readonly Dictionary<(TransportAddress Inner, UInt128 Address, int Port), ushort> _ports = [];
    private readonly Dictionary<ushort, TransportAddress> _inner = [];
    private readonly HashSet<(ushort Port, TransportAddress Remote)> _contacted = [];
    private ushort _nextPort = 40_000;

    public TransportAddress Outer { get; private set; } = outer;

    public bool Hairpin { get; init; }

    public bool BlocksUdp => kind == IceNatKind.UdpBlocked;

    private bool IsFirewall => kind == IceNatKind.Firewalled;

    private bool IsSymmetric => kind is IceNatKind.Symmetric or IceNatKind.SymmetricSequential;

    /// <summary>All mappings are lost, as after a restart.</summary>
    public void Flush()
    {
        _ports.Clear();
        _inner.Clear();
        _contacted.Clear();
    }

    /// <summary>The provider gives another address.</summary>
    public void Renumber(TransportAddress outer)
    {
        outside.Detach(Outer);
        Outer = outer;
        outside.Attach(outer, this);
        Flush();
    }

    public void SendOut(TransportAddress source, TransportAddress destination, byte[] datagram)
    {
        if (BlocksUdp) return;
        TransportAddress external = Map(source, destination);
        if (destination.AddressBits != Outer.AddressBits || IsFirewall) outside.Send(external, destination, datagram);
        else if (Hairpin) Receive(external, destination, datagram);
    }

    public TransportAddress? Trace(TransportAddress source, TransportAddress destination) =>
        BlocksUdp ? null : outside.Trace(Map(source, destination), destination);

    public void Receive(TransportAddress source, TransportAddress destination, byte[] datagram)
    {
        if (BlocksUdp || !Admits(destination.Port, source)) return;
        TransportAddress inner = IsFirewall ? destination : _inner[destination.Port];
        inside.Send(source, inner, datagram);
    }

    private bool Admits(ushort port, TransportAddress source)
    {
        if (!IsFirewall && !_inner.ContainsKey(port)) return false;
        return kind switch
        {
            IceNatKind.FullCone => true,
            IceNatKind.RestrictedCone => _contacted.Any(c => c.Port == port && c.Remote.AddressBits == source.AddressBits),
            _ => _contacted.Contains((port, source)),
        };
    }

    private TransportAddress Map(TransportAddress source, TransportAddress destination)
    {
        if (IsFirewall)
        {
            _contacted.Add((source.Port, destination));
            return source;
        }

        (TransportAddress, UInt128, int) key = IsSymmetric ? (source, destination.AddressBits, destination.Port) : (source, UInt128.Zero, 0);
        if (!_ports.TryGetValue(key, out ushort port))
        {
            port = FreePort();
            _ports.Add(key, port);
            _inner.Add(port, source);
        }

        _contacted.Add((port, destination));
        return Outer.WithPort(port);
    }

    private ushort FreePort()
    {
        ushort port;
        do
        {
            port = kind == IceNatKind.SymmetricSequential ? _nextPort++ : (ushort)outside.Time.Random.Next(1024, 65536);
        }
        while (_inner.ContainsKey(port));
        return port;
    }
}
