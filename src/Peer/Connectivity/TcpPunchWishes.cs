using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>Wishes of peers that have not proven yet who they are: about 200 bytes each, few, and not for long.</summary>
internal sealed class TcpPunchWishes
{
    /// <summary>So many are kept; what comes when it is full is lost.</summary>
    public const int MaxWishes = 256;

    /// <summary>How long a connection by another way may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>How long the port that a peer offers stays open there.</summary>
    public static readonly TimeSpan AddressPatience = TimeSpan.FromSeconds(9);

    private readonly Dictionary<PeerId, (TcpPunchWish Wish, MonotonicTime At)> _wishes = [];

    /// <summary>How many there are.</summary>
    public int Count => _wishes.Count;

    /// <summary>Keeps a wish in place of the peer's earlier one; one without an address leaves an earlier one with it alone.</summary>
    public void Put(MonotonicTime now, TcpPunchWish wish)
    {
        if (_wishes.TryGetValue(wish.Peer, out (TcpPunchWish Wish, MonotonicTime At) earlier))
        {
            bool saysMore = wish.Address is not null || earlier.Wish.Address is null || now - earlier.At >= AddressPatience;
            if (saysMore) _wishes[wish.Peer] = (wish, now);
            return;
        }

        if (_wishes.Count == MaxWishes) Forget(now);
        if (_wishes.Count < MaxWishes) _wishes.Add(wish.Peer, (wish, now));
    }

    /// <summary>Takes a peer's wish out; null when there is none any more.</summary>
    public TcpPunchWish? Take(MonotonicTime now, PeerId peer)
    {
        if (!_wishes.Remove(peer, out (TcpPunchWish Wish, MonotonicTime At) kept) || now - kept.At >= Patience) return null;
        return now - kept.At < AddressPatience ? kept.Wish : kept.Wish with { Address = null };
    }

    private void Forget(MonotonicTime now)
    {
        foreach (PeerId peer in _wishes.Where(one => now - one.Value.At >= Patience).Select(one => one.Key).ToArray()) _wishes.Remove(peer);
    }
}
