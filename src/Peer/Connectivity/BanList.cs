using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>Peers that lied, and must not be used again as long as the node runs. Thread-safe; the oldest are forgotten when there are too many.</summary>
internal sealed class BanList
{
    public const int MaxBanned = 10_000;
    private readonly Lock _gate = new();
    private readonly HashSet<PeerId> _banned = [];
    private readonly Queue<PeerId> _order = new();

    public int Count
    {
        get
        {
            lock (_gate) return _order.Count;
        }
    }

    public void Add(PeerId peer)
    {
        lock (_gate)
        {
            if (!_banned.Add(peer)) return;
            _order.Enqueue(peer);
            if (_order.Count > MaxBanned) _banned.Remove(_order.Dequeue());
        }
    }

    public bool Contains(PeerId peer)
    {
        lock (_gate) return _banned.Contains(peer);
    }
}
