using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.Ice;

/// <summary>The check list (RFC 8445 §6.1.2): at most one pair for each way of this side and address of the peer.</summary>
internal sealed class IcePairTable
{
    /// <summary>Most pairs at a time (RFC 8445 §6.1.2.5 suggests a limit of 100).</summary>
    public const int MaxPairs = 64;

    /// <summary>Places that are sure for ways by a relay. Guessing ports finds addresses without end, each of which seems better than any relay.</summary>
    internal const int PlacesForRelayed = 16;

    private readonly List<IcePair> _pairs = new(4);

    public int Count => _pairs.Count;

    public List<IcePair>.Enumerator GetEnumerator() => _pairs.GetEnumerator();

    public IcePair? Find(int path, TransportAddress remote)
    {
        foreach (IcePair pair in _pairs)
        {
            if (pair.Path == path && pair.Remote.Address == remote) return pair;
        }

        return null;
    }

    /// <summary>Finds the pair whose check an answer belongs to, and forgets that transaction; looks first at the pair that the answer came by.</summary>
    public IcePair? TakeTransaction(int path, TransportAddress source, StunTransactionId id, out IcePair.Sent sent)
    {
        if (Find(path, source) is { } likely && likely.TryTake(id, out sent)) return likely;
        foreach (IcePair pair in _pairs)
        {
            if (pair.Path == path && pair.TryTake(id, out sent)) return pair;
        }

        sent = default;
        return null;
    }

    /// <summary>Adds a pair; a full table gives up one that does not work: a worse one of its kind, or any when the other kind has more than its places.</summary>
    /// <returns>False when the new one is the worst.</returns>
    private bool TryAdd(IcePair pair)
    {
        if (_pairs.Count == MaxPairs && !TryDropFor(pair)) return false;
        _pairs.Add(pair);
        return true;
    }

    /// <summary>Adds a pair for an address of the peer; null when there is no room.</summary>
    public IcePair? Add(int path, in IceCandidate remote, IReadOnlyList<IceCandidate> local, bool isControlling)
    {
        var pair = new IcePair(path, remote, PriorityOf(path, remote, local, isControlling));
        return TryAdd(pair) ? pair : null;
    }

    /// <summary>Pairs every way with every address of the peer that it may lead to.</summary>
    public void Form(IReadOnlyList<IceCandidate> local, IReadOnlyList<IceCandidate> remotes, bool isControlling)
    {
        foreach (int path in local.Select(c => c.Path).Distinct())
        {
            foreach (IceCandidate remote in remotes)
            {
                if (!IsWorthAPair(path, remote, local)) continue;
                if (Find(path, remote.Address) is { } known) known.Remote = remote;
                else Add(path, remote, local, isControlling);
            }
        }

        Prioritize(local, isControlling);
    }

    /// <summary>Computes all priorities anew, after a change of candidates or of the role.</summary>
    public void Prioritize(IReadOnlyList<IceCandidate> local, bool isControlling)
    {
        foreach (IcePair pair in _pairs) pair.Priority = PriorityOf(pair.Path, pair.Remote, local, isControlling);
    }

    public int RemoveAll(Predicate<IcePair> match) => _pairs.RemoveAll(match);

    private static bool IsWorthAPair(int path, in IceCandidate remote, IReadOnlyList<IceCandidate> local)
    {
        foreach (IceCandidate candidate in local)
        {
            if (candidate.Path != path || candidate.Address.IsIPv4 != remote.Address.IsIPv4) continue;
            if (!IcePaths.IsRelay(path) || IsWithinReachOfRelay(candidate, remote)) return true;
        }

        return false;
    }

    // A relay reaches public addresses, unless it stands in a private network itself; to it, a prediction means nothing.
    private static bool IsWithinReachOfRelay(in IceCandidate relayed, in IceCandidate remote) =>
        remote.Type != IceCandidateType.Predicted && (IceCandidateFilter.IsPublic(remote.Address) || !IceCandidateFilter.IsPublic(relayed.Address));

    // RFC 8445 §6.1.2.3, with the best candidate of the way for this side: what is sent by one socket is one pair.
    private static ulong PriorityOf(int path, in IceCandidate remote, IReadOnlyList<IceCandidate> local, bool isControlling)
    {
        uint ours = IcePaths.IsExtraSocket(path) ? IceCandidate.PriorityOf(IceCandidateType.PeerReflexive, 0) : 0;
        foreach (IceCandidate candidate in local)
        {
            if (candidate.Path == path && candidate.Address.IsIPv4 == remote.Address.IsIPv4) ours = Math.Max(ours, candidate.Priority);
        }

        ulong smaller = Math.Min(ours, remote.Priority);
        ulong larger = Math.Max(ours, remote.Priority);
        bool controllingIsLarger = ours != remote.Priority && (ours > remote.Priority) == isControlling;
        return (smaller << 32) + (2 * larger) + (controllingIsLarger ? 1UL : 0);
    }

    private bool TryDropFor(IcePair added)
    {
        bool isOwed = CountOf(added.IsRelayed) < (added.IsRelayed ? PlacesForRelayed : MaxPairs - PlacesForRelayed);
        IcePair? worst = null;
        foreach (IcePair pair in _pairs)
        {
            bool isInQuestion = !pair.IsValid && pair.IsRelayed == (added.IsRelayed != isOwed);
            if (isInQuestion && (worst is null || IsWorse(pair, worst))) worst = pair;
        }

        if (worst is null || !(isOwed || HasFailed(worst) || worst.Priority < added.Priority)) return false;
        return _pairs.Remove(worst);
    }

    private int CountOf(bool isRelayed)
    {
        int count = 0;
        foreach (IcePair pair in _pairs)
        {
            if (pair.IsRelayed == isRelayed) count++;
        }

        return count;
    }

    private static bool IsWorse(IcePair pair, IcePair than)
    {
        bool failed = HasFailed(pair);
        return failed == HasFailed(than) ? pair.Priority < than.Priority : failed;
    }

    // What works and is not needed keeps its place: two peers with more addresses than places would else push out and check each other's for ever.
    private static bool HasFailed(IcePair pair) => pair.State == IcePairState.Failed && !pair.IsSuperseded;
}
