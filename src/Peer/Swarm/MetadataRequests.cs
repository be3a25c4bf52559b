using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Swarm;

/// <summary>The requests for hashes that are under way.</summary>
internal sealed class MetadataRequests
{
    private readonly Dictionary<(VerificationNeed Need, int Index), (int Peer, MonotonicTime AskedAt)> _underWay = [];

    public int Count => _underWay.Count;

    public bool Contains(VerificationNeed need, int index) => _underWay.ContainsKey((need, index));

    public void Add(VerificationNeed need, int index, int peer, MonotonicTime now) => _underWay.Add((need, index), (peer, now));

    /// <summary>Ends a request; false when this peer was not asked.</summary>
    public bool Remove(VerificationNeed need, int index, int peer) =>
        _underWay.TryGetValue((need, index), out var request) && request.Peer == peer && _underWay.Remove((need, index));

    /// <summary>Forgets what a peer was asked.</summary>
    public void RemoveAllOf(int peer)
    {
        foreach (var (key, request) in _underWay)
        {
            if (request.Peer == peer) _underWay.Remove(key);
        }
    }

    /// <summary>A peer that has owed an answer for longer than allowed; 0 when none has.</summary>
    public int FindLate(MonotonicTime now, TimeSpan timeout)
    {
        foreach (var request in _underWay.Values)
        {
            if (now - request.AskedAt >= timeout) return request.Peer;
        }

        return 0;
    }

    /// <summary>When the oldest answer is late; null when none is awaited.</summary>
    public MonotonicTime? Deadline(TimeSpan timeout)
    {
        MonotonicTime? earliest = null;
        foreach (var request in _underWay.Values) earliest = MonotonicTime.Earlier(earliest, request.AskedAt + timeout);
        return earliest;
    }
}
