using CS3103P2P.Protocol;

namespace CS3103P2P.Simulation;

/// <summary>A place on the Internet: one public address, and behind it a single machine, or a router with a local network.</summary>
internal sealed class Site
{
    private const uint LocalNetwork = 0xC0A80100;   // 192.168.1.0, as in every other home
    private const uint OtherNetwork = 0x0A000000;   // 10.0.0.0
    private readonly VirtualNetwork _network;
    private readonly List<VirtualHost> _hosts = [];
    private readonly uint _prefix;
    private uint _given;

    public Site(VirtualNetwork network, NatProfile? nat, Random random)
    {
        _network = network;
        PublicAddress = network.NewAddress();
        Addresses.Add(PublicAddress);
        if (nat is not null) Nat = new VirtualNat(nat, random);
        _prefix = random.Next(4) == 0 ? OtherNetwork : LocalNetwork;
        network.Attach(this);
    }

    /// <summary>The router; null when the machine has the public address itself.</summary>
    public VirtualNat? Nat { get; }

    public uint PublicAddress { get; private set; }

    /// <summary>All public addresses that it ever had.</summary>
    public HashSet<uint> Addresses { get; } = [];

    public IReadOnlyList<VirtualHost> Hosts => _hosts;

    /// <summary>Adds a machine; its address in the local network, or the public one.</summary>
    public TransportAddress Add(VirtualHost host)
    {
        _hosts.Add(host);
        return Nat is null ? TransportAddress.FromIPv4(PublicAddress, 0) : TransportAddress.FromIPv4(_prefix + 1 + ++_given, 0);
    }

    /// <summary>A machine leaves.</summary>
    public void Remove(VirtualHost host) => _hosts.Remove(host);

    /// <summary>The machine with a local address; null when there is none.</summary>
    public VirtualHost? Find(UInt128 addressBits) => _hosts.Find(host => host.Address.AddressBits == addressBits);

    /// <summary>The provider gives another address, or the machine moves to another network.</summary>
    public void Renumber()
    {
        PublicAddress = _network.NewAddress();
        Addresses.Add(PublicAddress);
        Nat?.Reboot();
        if (Nat is null)
        {
            foreach (VirtualHost host in _hosts) host.Move(TransportAddress.FromIPv4(PublicAddress, 0));
        }

        _network.Attach(this);
    }
}
