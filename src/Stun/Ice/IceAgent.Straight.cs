using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Ice;

/// <summary>How two sides that a relay connects find their way past it when no offer reaches one of them any more.</summary>
public sealed partial class IceAgent
{
    // Whoever tells many addresses cannot make us check them all: one each time, at about a check a second.
    private static readonly TimeSpan StraightGap = TimeSpan.FromSeconds(5);

    private TransportAddress _straight;
    private MonotonicTime? _straightAt;

    // A peer without a relay of its own sees only ours. An address that each destination is told differently would not help it.
    private TransportAddress? StraightOn(IcePair pair)
    {
        if (!IcePaths.IsRelay(pair.Path) || _local.Nat.IsSymmetric) return null;
        IceCandidate? best = null;
        foreach (IceCandidate candidate in _local.Candidates)
        {
            bool isOutside = candidate.Path == IcePaths.SharedSocket && candidate.Type != IceCandidateType.Predicted && IceCandidateFilter.IsPublic(candidate.Address);
            bool isBetter = best is not { } known || candidate.Priority > known.Priority;
            if (isOutside && isBetter && candidate.Address.IsIPv4 == pair.Remote.Address.IsIPv4) best = candidate;
        }

        return best?.Address;
    }

    // The same word comes with every check, so only another one counts.
    private void HandleStraight(MonotonicTime now, TransportAddress address)
    {
        bool isTooSoon = _straightAt is { } last && now - last < StraightGap;
        var remote = IceCandidate.Create(IceCandidateType.ServerReflexive, address);
        if (address == _straight || isTooSoon || !IceCandidateFilter.IsPublic(address) || !_filter.Filter([remote]).Any()) return;
        _straight = address;
        _straightAt = now;
        if (FindOrAddStraight(remote) is { State: IcePairState.Failed } failed) _schedule.Trigger(now, failed);
    }

    // Our relay sees where the peer is now. It may have moved there with its NAT, and its new offer may not reach us any more.
    private IcePair? FindOrAddStraight(in IceCandidate remote)
    {
        if (_pairs.Find(IcePaths.SharedSocket, remote.Address) is { } known) return known;
        foreach (IceCandidate candidate in _local.Candidates)
        {
            bool isOfFamily = candidate.Path == IcePaths.SharedSocket && candidate.Address.IsIPv4 == remote.Address.IsIPv4;
            if (isOfFamily) return _pairs.Add(IcePaths.SharedSocket, remote, _local.Candidates, IsControlling);
        }

        return null;
    }
}
