using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.Tests.Ice;

/// <summary>An Internet with homes of all kinds, STUN servers and a relay, on virtual time.</summary>
internal sealed class IceWorld
{
    public static readonly TransportAddress FirstStun = Addresses.Of("198.51.100.1:3478");
    public static readonly TransportAddress SecondStun = Addresses.Of("198.51.100.2:3478");
    private static readonly TransportAddress RelayAddress = Addresses.Of("198.51.100.3:3478");

    private readonly TimeSpan _delay;
    private int _homes;

    public IceWorld(int seed, TimeSpan delay, double loss = 0, bool hasRelay = false)
    {
        _delay = delay;
        Time = new VirtualTime(seed);
        Internet = new VirtualNetwork(Time, delay, loss);
        Internet.Attach(FirstStun, new Sink());
        Internet.Attach(SecondStun, new Sink());
        if (!hasRelay) return;
        Relay = new VirtualRelay(Internet, RelayAddress, delay);
        Internet.Attach(RelayAddress, Relay);
    }

    public VirtualTime Time { get; }

    public VirtualNetwork Internet { get; }

    public VirtualRelay? Relay { get; }

    public TimeSpan OfferDelay => 2 * _delay;

    /// <summary>A home of its own, with one machine in it.</summary>
    public IcePeer AddPeer(IceNatKind kind, bool hairpin = false)
    {
        int home = ++_homes;
        TransportAddress outer = Address(203, 0, 113, home);
        if (kind == IceNatKind.Public) return new IcePeer(this, Internet, outer.WithPort(6881), kind, []);
        if (kind is IceNatKind.Cgnat or IceNatKind.CgnatSymmetric)
        {
            VirtualRouter carrier = AddRouter(Internet, outer, kind == IceNatKind.Cgnat ? IceNatKind.PortRestricted : IceNatKind.Symmetric, hairpin, out VirtualNetwork shared);
            return AddBehind(carrier, shared, home, kind);
        }

        VirtualRouter router = AddRouter(Internet, outer, kind, hairpin, out VirtualNetwork lan);
        TransportAddress own = kind == IceNatKind.Firewalled ? outer.WithPort(6881) : Address(192, 168, home, 2).WithPort(6881);
        return new IcePeer(this, lan, own, kind, [router]);
    }

    /// <summary>Two machines behind one router.</summary>
    public (IcePeer, IcePeer) AddHousemates(IceNatKind kind, bool hairpin)
    {
        int home = ++_homes;
        VirtualRouter router = AddRouter(Internet, Address(203, 0, 113, home), kind, hairpin, out VirtualNetwork lan);
        return (new IcePeer(this, lan, Address(192, 168, home, 2).WithPort(6881), kind, [router]), new IcePeer(this, lan, Address(192, 168, home, 3).WithPort(6881), kind, [router]));
    }

    /// <summary>Two homes behind one carrier.</summary>
    public (IcePeer, IcePeer) AddNeighbours(bool hairpin)
    {
        VirtualRouter carrier = AddRouter(Internet, Address(203, 0, 113, ++_homes), IceNatKind.PortRestricted, hairpin, out VirtualNetwork shared);
        return (AddBehind(carrier, shared, ++_homes, IceNatKind.Cgnat), AddBehind(carrier, shared, ++_homes, IceNatKind.Cgnat));
    }

    public void Deliver(Action action, double loss)
    {
        if (Time.Random.NextDouble() >= loss) Time.After(OfferDelay, action);
    }

    private IcePeer AddBehind(VirtualRouter carrier, VirtualNetwork shared, int home, IceNatKind kind)
    {
        VirtualRouter router = AddRouter(shared, Address(100, 64, 0, home), IceNatKind.PortRestricted, hairpin: false, out VirtualNetwork lan);
        return new IcePeer(this, lan, Address(192, 168, home, 2).WithPort(6881), kind, [router, carrier]);
    }

    private VirtualRouter AddRouter(VirtualNetwork outside, TransportAddress outer, IceNatKind kind, bool hairpin, out VirtualNetwork inside)
    {
        inside = new VirtualNetwork(Time, TimeSpan.FromMicroseconds(200), 0);
        var router = new VirtualRouter(outside, inside, outer, kind) { Hairpin = hairpin };
        inside.Gateway = router;
        outside.Attach(outer, router);
        return router;
    }

    private static TransportAddress Address(int a, int b, int c, int d) => TransportAddress.FromIPv4((uint)((a << 24) | (b << 16) | (c << 8) | d), 0);

    private sealed class Sink : IVirtualNode
    {
        public void Receive(TransportAddress source, TransportAddress destination, byte[] datagram)
        {
        }
    }
}
