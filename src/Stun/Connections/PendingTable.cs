using CS3103P2P.Protocol;
using CS3103P2P.Stun.Ice;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Connections;

/// <summary>The offers of strangers. Owned by the loop.</summary>
internal sealed class PendingTable(int capacity)
{
    private const int MaxAgedPerPlace = 4;      // those removed before their time stand in the queue until then

    private readonly Dictionary<PeerId, PendingOffer> _byPeer = [];
    private readonly Queue<PendingOffer> _byAge = new();

    public int Count => _byPeer.Count;

    /// <summary>Places in the order of age, those of removed offers included.</summary>
    public int AgedCount => _byAge.Count;

    public int MaxAged => capacity * MaxAgedPerPlace;

    /// <summary>When <see cref="Expire"/> has something to do; null when never.</summary>
    public MonotonicTime? Deadline => _byAge.TryPeek(out PendingOffer? oldest) ? oldest.ExpiresAt : null;

    public PendingOffer? Find(PeerId peer) => _byPeer.GetValueOrDefault(peer);

    /// <summary>Whose credentials a check is signed with; few checks name none of the connections, so all are looked through.</summary>
    public PendingOffer? Find(in StunMessage check)
    {
        foreach (PendingOffer pending in _byPeer.Values)
        {
            if (IceCheckMessage.IsFor(check, pending.Credentials.Fragment)) return StunIntegrity.VerifySha1(check, pending.Credentials.Hmac) ? pending : null;
        }

        return null;
    }

    /// <summary>Adds one; false when there is no room.</summary>
    public bool TryAdd(PendingOffer pending)
    {
        if (_byPeer.Count >= capacity || _byAge.Count >= MaxAged) return false;
        _byPeer.Add(pending.Remote, pending);
        _byAge.Enqueue(pending);
        return true;
    }

    public void Remove(PendingOffer pending) => _byPeer.Remove(pending.Remote);

    /// <summary>Forgets those that nothing has come of.</summary>
    public void Expire(MonotonicTime now)
    {
        while (_byAge.TryPeek(out PendingOffer? oldest) && (oldest.ExpiresAt <= now || Find(oldest.Remote) != oldest))
        {
            _byAge.Dequeue();
            if (Find(oldest.Remote) == oldest) _byPeer.Remove(oldest.Remote);
        }
    }
}
