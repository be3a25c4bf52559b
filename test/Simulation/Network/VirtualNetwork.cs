using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>Carries datagrams between hosts: through the sender's link and NAT, the core, and the receiver's NAT and link.</summary>
internal sealed class VirtualNetwork(VirtualTime time, Trace trace, Random random)
{
    private readonly Dictionary<uint, VirtualHost> _hosts = [];
    private uint _lastAddress = 0x0B000000;

    /// <summary>Datagrams handed over so far.</summary>
    public long Sent { get; private set; }

    /// <summary>Datagrams that reached a host.</summary>
    public long Delivered { get; private set; }

    /// <summary>A public IPv4 address that nobody has.</summary>
    public uint NewAddress() => _lastAddress += 0x101;

    /// <summary>Makes a host (or its NAT) reachable by its present public address and no other.</summary>
    public void Attach(VirtualHost host)
    {
        Detach(host);
        _hosts[host.PublicAddress] = host;
    }

    /// <summary>Takes a host off the network.</summary>
    public void Detach(VirtualHost host)
    {
        foreach (uint address in host.Addresses)
        {
            if (_hosts.TryGetValue(address, out VirtualHost? present) && present == host) _hosts.Remove(address);
        }
    }

    /// <summary>Sends a datagram of a host.</summary>
    public void Send(VirtualHost host, TransportAddress destination, ReadOnlySpan<byte> datagram, bool mayFragment)
    {
        if (!destination.IsIPv4 || (datagram.Length > host.Link.MaxPayloadBytes && !mayFragment)) return;
        TransportAddress source = host.Nat?.TranslateOut(time.Now, host.LocalAddress, destination) ?? host.LocalAddress;
        SendFrom(host, source, destination, datagram);
    }

    /// <summary>Sends a datagram with any source, as only an attacker does.</summary>
    public void SendFrom(VirtualHost host, TransportAddress source, TransportAddress destination, ReadOnlySpan<byte> datagram)
    {
        Sent++;
        LinkProfile link = host.Link;
        if (!host.IsOnline || !host.Uplink.TryPass(time.Now, datagram.Length, link.UpBytesPerSecond, link.QueueBytes, out MonotonicTime sent)) return;
        if (random.NextDouble() < link.Loss) return;
        byte[] bytes = datagram.ToArray();
        if (random.NextDouble() < link.BitFlips && bytes.Length > 0)
        {
            // The UDP checksum catches one flipped bit; only what has a checksum of its own meets one in this network.
            if (DatagramClassifier.Classify(bytes) != DatagramKind.Utp) return;
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        }

        int copies = random.NextDouble() < link.Duplication ? 2 : 1;
        for (int copy = 0; copy < copies; copy++)
        {
            TimeSpan delay = link.Delay + (link.Jitter * random.NextDouble());
            if (random.NextDouble() < link.Reordering) delay += link.Delay * 2;
            time.Schedule(sent + delay, () => Arrive(source, destination, bytes));
        }
    }

    private void Arrive(TransportAddress source, TransportAddress destination, byte[] datagram)
    {
        if (!_hosts.TryGetValue(destination.ToIPv4Bits(), out VirtualHost? host) || !host.IsOnline) return;
        TransportAddress? local = host.Nat is { } nat ? nat.TranslateIn(time.Now, destination.Port, source) : destination;
        if (local != host.LocalAddress) return;
        LinkProfile link = host.Link;
        if (datagram.Length > link.MaxPayloadBytes && random.Next(2) == 0) return;
        if (random.NextDouble() < link.Loss) return;
        if (!host.Downlink.TryPass(time.Now, datagram.Length, link.DownBytesPerSecond, link.QueueBytes, out MonotonicTime at)) return;
        time.Schedule(at + link.Delay, () =>
        {
            if (!host.IsOnline) return;
            Delivered++;
            trace.AddDatagram(host.Name, datagram, trace.IsWritten ? source.ToString() : string.Empty);
            host.Deliver(source, datagram);
        });
    }
}
