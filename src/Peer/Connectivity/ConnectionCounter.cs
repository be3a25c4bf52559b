using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>Bounds connections in all and from one IP address, those that have not proven who they are included. Thread-safe.</summary>
internal sealed class ConnectionCounter(int maxConnections, int maxPerAddress)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<UInt128, int> _perAddress = [];
    private int _count;

    public int Count
    {
        get
        {
            lock (_gate) return _count;
        }
    }

    /// <summary>Counts one more; false when there are too many.</summary>
    public bool TryEnter(TransportAddress address)
    {
        lock (_gate)
        {
            int present = _perAddress.GetValueOrDefault(address.AddressBits);
            if (_count >= maxConnections || present >= maxPerAddress) return false;
            _perAddress[address.AddressBits] = present + 1;
            _count++;
            return true;
        }
    }

    public void Leave(TransportAddress address)
    {
        lock (_gate)
        {
            _count--;
            if (--_perAddress[address.AddressBits] == 0) _perAddress.Remove(address.AddressBits);
        }
    }
}
