using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Ice;

/// <summary>Says which pair is to be checked when: first checks paced (RFC 8445 §14), then repeated, then, for ways that work, kept alive.</summary>
internal sealed class IceCheckSchedule(IceAgentSettings settings, IcePairTable pairs, IceSelection selection, Random random)
{
    /// <summary>Most checks of one pair without an answer: about ten seconds.</summary>
    public const int MaxSends = 13;

    private const double Jitter = 0.2;

    // A first check often only opens our own NAT; the next one must follow soon.
    private static readonly TimeSpan FirstRepetition = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LastRepetition = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PacingOnLan = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan TriggerGap = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan ReserveInterval = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan MinKeepAliveRepetition = TimeSpan.FromMilliseconds(250);

    private MonotonicTime _nextSlot;
    private bool _mayHaveDue;

    /// <summary>
    /// Whether the peer's reflexive address comes first: behind a NAT with sequential ports, the peer expects our very next ones.
    /// </summary>
    public bool PrefersReflexive { get; set; }

    public MonotonicTime? Deadline
    {
        get
        {
            MonotonicTime? deadline = null;
            foreach (IcePair pair in pairs)
            {
                deadline = MonotonicTime.Earlier(deadline, pair.State == IcePairState.Waiting ? _nextSlot : pair.NextSendAt);
            }

            return deadline;
        }
    }

    public void Start(MonotonicTime now) => _nextSlot = now;

    /// <summary>Tries everything again that does not work, and asks whether what works still does.</summary>
    public void Recheck(MonotonicTime now)
    {
        foreach (IcePair pair in pairs)
        {
            pair.IsSuperseded = false;
            if (pair.IsValid) pair.NextSendAt = now;
            else if (pair.State == IcePairState.Failed) pair.State = IcePairState.Waiting;
            else pair.Sends = 0;
        }
    }

    /// <summary>The peer has sent a check by this pair: ours follows at once (RFC 8445 §7.3.1.4).</summary>
    public void Trigger(MonotonicTime now, IcePair pair)
    {
        switch (pair.State)
        {
            case IcePairState.Succeeded when !selection.IsSilent(now, pair):
            case IcePairState.Failed when pair.IsSuperseded:
                return;
            case IcePairState.Waiting or IcePairState.Failed:
                Begin(pair);
                return;
            default:
                if (now - pair.LastSentAt >= TriggerGap) SetDue(pair);
                return;
        }
    }

    public void HandleTimeout(MonotonicTime now)
    {
        foreach (IcePair pair in pairs)
        {
            if (pair.NextSendAt is not { } due || due > now) continue;
            if (HasGivenUp(now, pair)) Stop(pair);
            else SetDue(pair);
        }

        if (now < _nextSlot || Next() is not { } next) return;
        Begin(next);
        TimeSpan pacing = IceCandidateFilter.IsPublic(next.Remote.Address) || settings.Pacing < PacingOnLan ? settings.Pacing : PacingOnLan;
        _nextSlot = now + pacing;
    }

    /// <summary>The next pair to send a check on; null when there is none now.</summary>
    public IcePair? TakeDue(MonotonicTime now)
    {
        if (!_mayHaveDue) return null;
        foreach (IcePair pair in pairs)
        {
            if (!pair.IsSendDue) continue;
            pair.IsSendDue = false;
            pair.Sends++;
            pair.NextSendAt = now + (pair.IsValid ? KeepAliveRepetition(pair) : RepetitionInterval(pair.Sends));
            return pair;
        }

        _mayHaveDue = false;
        return null;
    }

    /// <summary>A check was answered.</summary>
    public void HandleAnswer(MonotonicTime now, IcePair pair)
    {
        pair.State = IcePairState.Succeeded;
        pair.IsSuperseded = false;
        pair.LastAnswerAt = now;
        pair.Sends = 0;
        pair.NextSendAt = now + KeepAliveInterval(pair);
    }

    /// <summary>The pair was chosen: a check tells the peer at once when it is ours to nominate, and keep-alives come more often.</summary>
    public void HandleSelected(MonotonicTime now, IcePair pair, bool nominates)
    {
        MonotonicTime next = now + KeepAliveInterval(pair);
        if (pair.NextSendAt is not { } planned || planned > next) pair.NextSendAt = next;
        if (nominates) SetDue(pair);
    }

    /// <summary>Gives a pair up until something speaks for it.</summary>
    public static void Stop(IcePair pair)
    {
        pair.State = IcePairState.Failed;
        pair.NextSendAt = null;
        pair.IsSendDue = false;
    }

    private void Begin(IcePair pair)
    {
        pair.State = IcePairState.InProgress;
        pair.Sends = 0;
        SetDue(pair);
    }

    private void SetDue(IcePair pair)
    {
        pair.IsSendDue = true;
        _mayHaveDue = true;
    }

    private bool HasGivenUp(MonotonicTime now, IcePair pair) =>
        pair.IsValid ? now - pair.LastAnswerAt >= settings.ConsentTimeout : pair.Sends >= MaxSends;

    // What has the same foundation as a check under way waits (it would be Frozen, RFC 8445 §6.1.2.6) unless nothing else is left.
    private IcePair? Next()
    {
        IcePair? best = null;
        (bool, bool, ulong) bestRank = default;
        foreach (IcePair pair in pairs)
        {
            if (pair.State != IcePairState.Waiting) continue;
            bool comesFirst = PrefersReflexive && pair.Remote.Type is IceCandidateType.ServerReflexive or IceCandidateType.PeerReflexive;
            (bool, bool, ulong) rank = (comesFirst, !IsFoundationBusy(pair), pair.Priority);
            if (best is not null && rank.CompareTo(bestRank) <= 0) continue;
            best = pair;
            bestRank = rank;
        }

        return best;
    }

    private bool IsFoundationBusy(IcePair pair)
    {
        foreach (IcePair other in pairs)
        {
            if (other.State == IcePairState.InProgress && other.Path == pair.Path && other.Remote.Foundation == pair.Remote.Foundation) return true;
        }

        return false;
    }

    private TimeSpan KeepAliveInterval(IcePair pair)
    {
        TimeSpan interval = pair == selection.Current ? settings.ConsentInterval : ReserveInterval;
        return interval * (1 - Jitter + (2 * Jitter * random.NextDouble()));
    }

    // One lost keep-alive means little; several in a row are soon known.
    private static TimeSpan KeepAliveRepetition(IcePair pair)
    {
        TimeSpan aboveRoundTrip = 1.25 * pair.RoundTrip;
        return aboveRoundTrip > MinKeepAliveRepetition ? aboveRoundTrip : MinKeepAliveRepetition;
    }

    private static TimeSpan RepetitionInterval(int sends)
    {
        TimeSpan interval = FirstRepetition * (1 << Math.Min(sends - 1, 4));
        return interval < LastRepetition ? interval : LastRepetition;
    }
}
