using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.Tests.Ice;

/// <summary>Whatever has an address in a <see cref="VirtualNetwork"/>.</summary>
internal interface IVirtualNode
{
    void Receive(TransportAddress source, TransportAddress destination, byte[] datagram);
}

/// <summary>One network: the Internet, or what lies behind a NAT.</summary>
internal sealed class VirtualNetwork(VirtualTime time, TimeSpan delay, double loss)
{
    private readonly Dictionary<UInt128, IVirtualNode> _nodes = [];

    public VirtualTime Time { get; } = time;

    public double Loss { get; set; } = loss;

    public TimeSpan Delay { get; set; } = delay;

    /// <summary>Takes what is for no node of this network; null for the Internet.</summary>
    public VirtualRouter? Gateway { get; set; }

    public void Attach(TransportAddress address, IVirtualNode node) => _nodes[address.AddressBits] = node;

    public void Detach(TransportAddress address) => _nodes.Remove(address.AddressBits);

    public void Send(TransportAddress source, TransportAddress destination, byte[] datagram)
    {
        if (!_nodes.ContainsKey(destination.AddressBits))
        {
            Gateway?.SendOut(source, destination, datagram);
            return;
        }

        if (Time.Random.NextDouble() < Loss) return;
        Time.After(Delay, () =>
        {
            if (_nodes.TryGetValue(destination.AddressBits, out IVirtualNode? node)) node.Receive(source, destination, datagram);
        });
    }

    /// <summary>As whom a datagram would arrive; null when it would be dropped. Makes mappings as a datagram does.</summary>
    public TransportAddress? Trace(TransportAddress source, TransportAddress destination)
    {
        if (_nodes.ContainsKey(destination.AddressBits)) return source;
        return Gateway?.Trace(source, destination);
    }
}
