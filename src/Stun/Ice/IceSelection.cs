using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Ice;

/// <summary>
/// Chooses the pair to send data on: on the controlling side the best that works, which it nominates; on the other the nominated one, or the best before
/// there is any. So data flows over whatever works first, and goes over to better pairs as they come.
/// </summary>
internal sealed class IceSelection(IcePairTable pairs, TimeSpan doubtAfter)
{
    // Longer than the interval at which the controlling side nominates anew.
    private static readonly TimeSpan LatestReordering = TimeSpan.FromSeconds(2);

    private IcePair? _nominated;
    private MonotonicTime _nominatedAt;

    /// <summary>The pair in use; null while none works.</summary>
    public IcePair? Current { get; private set; }

    /// <summary>The peer has nominated a pair; its last word counts, but a worse pair's word may be an older one that was longer on its way.</summary>
    public void Nominate(MonotonicTime now, IcePair pair)
    {
        bool isOlder = _nominated is { } known && pair.Priority < known.Priority && now - _nominatedAt < LatestReordering && IsUsable(now, known);
        if (isOlder) return;
        _nominated = pair;
        _nominatedAt = now;
    }

    /// <summary>After a change of roles, nominations start over (RFC 8445 §7.3.1.1).</summary>
    public void ForgetNomination() => _nominated = null;

    /// <summary>When the pair in use is to be doubted, unless it is answered before.</summary>
    public MonotonicTime? DoubtAt => Current is { } pair ? pair.LastAnswerAt + DoubtAfter(pair) : null;

    public bool IsSilent(MonotonicTime now, IcePair pair) => now - pair.LastAnswerAt >= DoubtAfter(pair);

    /// <summary>Chooses anew; true when the choice has changed.</summary>
    public bool Update(MonotonicTime now, bool isControlling)
    {
        IcePair? before = Current;
        if (before is { IsValid: false }) Current = null;
        IcePair? best = !isControlling && IsUsable(now, _nominated) ? _nominated : Best(now);
        if (best is not null) Current = best;
        return Current != before;
    }

    // Silent pairs count only when there is nothing else, and then the present one stays.
    private IcePair? Best(MonotonicTime now)
    {
        IcePair? best = IsUsable(now, Current) ? Current : null;
        IcePair? silent = Current;
        foreach (IcePair pair in pairs)
        {
            if (!pair.IsValid) continue;
            if (IsSilent(now, pair)) silent ??= pair;
            else if (best is null || pair.Priority > best.Priority) best = pair;
        }

        return best ?? silent;
    }

    // On a long way, answers take their time.
    private TimeSpan DoubtAfter(IcePair pair) => doubtAfter + (2 * pair.RoundTrip);

    private bool IsUsable(MonotonicTime now, IcePair? pair) => pair is { IsValid: true } && !IsSilent(now, pair);
}
