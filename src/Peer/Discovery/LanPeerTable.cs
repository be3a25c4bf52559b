using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Discovery;

/// <summary>Joins what the links tell of one peer: it counts once, with the addresses of all links.</summary>
internal sealed class LanPeerTable
{
    private readonly Dictionary<(uint Link, string Name), LanPeer> _entries = [];
    private readonly Dictionary<PeerId, LanPeer> _peers = [];

    public IReadOnlyCollection<LanPeer> Snapshot() => [.. _peers.Values];

    /// <summary>Takes what a link told; true when the joined peer has changed, which is then null when it is gone.</summary>
    public bool Apply(uint link, LanPeer peer, bool isLost, out LanPeer? present)
    {
        (uint, string) key = (link, peer.InstanceName);
        if (isLost) _entries.Remove(key);
        else _entries[key] = peer;

        LanPeer[] told = [.. _entries.Values.Where(entry => entry.Id == peer.Id)];
        present = null;
        if (told.Length == 0) return _peers.Remove(peer.Id);
        TransportAddress[] addresses = [.. told.SelectMany(entry => entry.Addresses).Distinct()];
        present = told[0] with { Addresses = addresses };
        bool same = _peers.TryGetValue(peer.Id, out LanPeer? before)
            && before.Addresses.SequenceEqual(addresses) && before.InstanceName == present.InstanceName && before.Version == present.Version;
        if (!same) _peers[peer.Id] = present;
        return !same;
    }

    /// <summary>Everything that a link told: it is gone.</summary>
    public IReadOnlyList<LanPeer> EntriesOf(uint link) => [.. _entries.Where(entry => entry.Key.Link == link).Select(entry => entry.Value)];
}
