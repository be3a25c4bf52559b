using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.Tests.Ice;

/// <summary>A TURN server, reduced to what a path over it does: addresses, permissions, delay. The way to its clients never fails.</summary>
internal sealed class VirtualRelay(VirtualNetwork internet, TransportAddress address, TimeSpan delay) : IVirtualNode
{
    private readonly Dictionary<ushort, (HashSet<UInt128> Permitted, Action<TransportAddress, byte[]> Deliver)> _allocations = [];

    public TransportAddress Allocate(Action<TransportAddress, byte[]> deliver)
    {
        var port = (ushort)(50_000 + _allocations.Count);
        _allocations.Add(port, ([], deliver));
        return address.WithPort(port);
    }

    public void Send(TransportAddress relayed, TransportAddress peer, byte[] datagram) => internet.Time.After(delay, () =>
    {
        _allocations[relayed.Port].Permitted.Add(peer.AddressBits);
        internet.Send(relayed, peer, datagram);
    });

    public void Receive(TransportAddress source, TransportAddress destination, byte[] datagram)
    {
        if (!_allocations.TryGetValue(destination.Port, out var allocation) || !allocation.Permitted.Contains(source.AddressBits)) return;
        internet.Time.After(delay, () => allocation.Deliver(source, datagram));
    }
}
