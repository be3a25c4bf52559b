using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>Carries datagrams between hosts: through the sender's link and NAT, the core, and the receiver's NAT and link; or across a local network.</summary>
internal sealed class VirtualNetwork(VirtualTime time, Random random)
{
    private const uint PrivateTen = 10;
    private const uint PrivateHome = 0xC0A8;
    private static readonly TimeSpan LocalDelay = TimeSpan.FromMicroseconds(300);

    /// <summary>A wait so short that it is not worth an event of its own.</summary>
    private static readonly TimeSpan AtOnce = TimeSpan.FromMilliseconds(2);

    private readonly Dictionary<uint, Site> _sites = [];
    private readonly Stack<Journey> _spare = new();
    private uint _lastAddress = 0x0B000000;

    /// <summary>Datagrams handed over so far.</summary>
    public long Sent { get; private set; }

    /// <summary>A public IPv4 address that nobody has.</summary>
    public uint NewAddress() => _lastAddress += 0x101;

    /// <summary>Makes a site reachable by its present public address and no other.</summary>
    public void Attach(Site site)
    {
        Detach(site);
        _sites[site.PublicAddress] = site;
    }

    /// <summary>Takes a site off the network.</summary>
    public void Detach(Site site)
    {
        foreach (uint address in site.Addresses)
        {
            if (_sites.GetValueOrDefault(address) == site) _sites.Remove(address);
        }
    }

    /// <summary>Sends a datagram of a host.</summary>
    public void Send(VirtualHost host, ushort port, TransportAddress destination, ReadOnlySpan<byte> datagram, bool mayFragment)
    {
        if (!destination.IsIPv4 || destination.Port == 0 || (datagram.Length > host.Link.MaxPayloadBytes && !mayFragment)) return;
        TransportAddress source = host.Address.WithPort(port);
        Site site = host.Site;
        if (IsPrivate(destination))
        {
            if (site.Nat is not null && host.IsOnline) SendLocally(site, source, destination, datagram.ToArray());
            return;
        }

        if (site.Nat is { } nat) source = TransportAddress.FromIPv4(site.PublicAddress, nat.TranslateOut(time.Now, source, destination));
        SendFrom(host, source, destination, datagram);
    }

    /// <summary>Sends a datagram with any source, as only an attacker does.</summary>
    public void SendFrom(VirtualHost host, TransportAddress source, TransportAddress destination, ReadOnlySpan<byte> datagram)
    {
        Sent++;
        host.Bytes += datagram.Length;
        LinkProfile link = host.Link;
        if (!host.IsOnline || !host.Uplink.TryPass(time.Now, datagram.Length, link.UpBytesPerSecond, link.QueueBytes, out MonotonicTime sent)) return;
        if (random.NextDouble() < link.Loss) return;
        byte[] bytes = datagram.ToArray();
        if (link.BitFlips > 0 && random.NextDouble() < link.BitFlips && bytes.Length > 0)
        {
            // The UDP checksum catches one flipped bit; only what has a checksum of its own meets one in this network.
            if (DatagramClassifier.Classify(bytes) != DatagramKind.Utp) return;
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        }

        Site from = host.Site;
        VirtualHost? target = _sites.TryGetValue(destination.ToIPv4Bits(), out Site? site) && site.Hosts.Count > 0 ? site.Hosts[0] : null;
        int copies = link.Duplication > 0 && random.NextDouble() < link.Duplication ? 2 : 1;
        for (int copy = 0; copy < copies; copy++)
        {
            TimeSpan delay = link.Delay + (link.Jitter * random.NextDouble());
            if (link.Reordering > 0 && random.NextDouble() < link.Reordering) delay += link.Delay * 2;
            if (target is not null) delay += target.Link.Delay;
            time.Schedule(sent + delay, (_spare.TryPop(out Journey? spare) ? spare : new Journey(this)).Begin(from, source, destination, bytes));
        }
    }

    private static bool IsPrivate(TransportAddress address)
    {
        uint bits = address.ToIPv4Bits();
        return bits >> 24 == PrivateTen || bits >> 16 == PrivateHome;
    }

    private void SendLocally(Site site, TransportAddress source, TransportAddress destination, byte[] datagram)
    {
        Sent++;
        if (site.Find(destination.AddressBits) is { } host) time.Schedule(time.Now + LocalDelay, () => host.Deliver(destination.Port, source, datagram));
    }

    private void Arrive(Site from, TransportAddress source, TransportAddress destination, byte[] datagram)
    {
        if (!_sites.TryGetValue(destination.ToIPv4Bits(), out Site? site)) return;
        VirtualHost? host = site.Hosts.Count == 0 ? null : site.Hosts[0];
        ushort port = destination.Port;
        if (site.Nat is { } nat)
        {
            if (site == from && !nat.Profile.Hairpins) return;
            if (nat.TranslateIn(time.Now, port, source) is not { } inside) return;
            host = site.Find(inside.AddressBits);
            port = inside.Port;
        }

        if (host is null || !host.IsOnline) return;
        LinkProfile link = host.Link;
        if (datagram.Length > link.MaxPayloadBytes && random.Next(2) == 0) return;
        if (random.NextDouble() < link.Loss) return;
        if (!host.Downlink.TryPass(time.Now, datagram.Length, link.DownBytesPerSecond, link.QueueBytes, out MonotonicTime at)) return;
        if (at - time.Now < AtOnce) host.Deliver(port, source, datagram);
        else time.Schedule(at, () => host.Deliver(port, source, datagram));
    }

    // A datagram on its way; there are many, so they are used again.
    private sealed class Journey
    {
        private readonly VirtualNetwork _network;
        private readonly Action _end;
        private Site? _from;
        private TransportAddress _source;
        private TransportAddress _destination;
        private byte[]? _datagram;

        public Journey(VirtualNetwork network)
        {
            _network = network;
            _end = End;
        }

        public Action Begin(Site from, TransportAddress source, TransportAddress destination, byte[] datagram)
        {
            (_from, _source, _destination, _datagram) = (from, source, destination, datagram);
            return _end;
        }

        private void End()
        {
            (Site from, byte[] datagram) = (_from!, _datagram!);
            (_from, _datagram) = (null, null);
            (TransportAddress source, TransportAddress destination) = (_source, _destination);
            _network._spare.Push(this);
            _network.Arrive(from, source, destination, datagram);
        }
    }
}
