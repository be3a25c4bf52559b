using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>Bounds connections in all and from one IP address, those that have not proven who they are included. Thread-safe.</summary>
internal sealed class ConnectionCounter(int maxConnections, int maxPerAddress)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TransportAddress, int> _perAddress = [];   // without ports
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
            TransportAddress host = address.WithPort(0);
            int present = _perAddress.GetValueOrDefault(host);
            if (_count >= maxConnections || present >= maxPerAddress) return false;
            _perAddress[host] = present + 1;
            _count++;
            return true;
        }
    }

    public void Leave(TransportAddress address)
    {
        lock (_gate)
        {
            _count--;
            TransportAddress host = address.WithPort(0);
            if (--_perAddress[host] == 0) _perAddress.Remove(host);
        }
    }
}
