using System.Runtime.InteropServices;

namespace CS3103P2P.Peer.Swarm;

/// <summary>Which peers are asked for, or gave, each chunk that is neither ready nor verified.</summary>
internal sealed class AskedChunks
{
    private readonly Dictionary<int, List<int>> _askers = [];
    private readonly Stack<List<int>> _spare = new();

    /// <summary>Chunks asked for, or being verified.</summary>
    public int Count => _askers.Count;

    /// <summary>Requests for chunks, and chunks being verified: each holds a chunk's memory.</summary>
    public int Holders { get; private set; }

    public Dictionary<int, List<int>>.KeyCollection Chunks => _askers.Keys;

    public void Add(int chunk, int peer)
    {
        if (!_askers.TryGetValue(chunk, out List<int>? askers))
        {
            askers = _spare.Count > 0 ? _spare.Pop() : [];
            _askers.Add(chunk, askers);
        }

        askers.Add(peer);
        Holders++;
    }

    /// <summary>Takes a peer away; true when the chunk has nobody left.</summary>
    public bool Remove(int chunk, int peer)
    {
        if (!_askers.TryGetValue(chunk, out List<int>? askers) || !askers.Remove(peer)) return false;
        Holders--;
        if (askers.Count > 0) return false;
        _askers.Remove(chunk);
        _spare.Push(askers);
        return true;
    }

    /// <summary>The peers; good until the next change.</summary>
    public ReadOnlySpan<int> Of(int chunk) => _askers.TryGetValue(chunk, out List<int>? askers) ? CollectionsMarshal.AsSpan(askers) : [];
}
