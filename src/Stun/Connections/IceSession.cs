using CS3103P2P.Protocol;
using CS3103P2P.Stun.Ice;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Connections;

/// <summary>One peer's agent and what the transport keeps beside it. Owned by the loop.</summary>
internal sealed class IceSession(PeerId remote, IceConnection connection, ulong session, bool isAsked, byte sequence)
{
    /// <summary>The sequence of the first offer.</summary>
    public const byte FirstSequence = 1;

    /// <summary>Most repetitions of an offer that the peer does not confirm.</summary>
    public const int MaxOfferRepetitions = 6;

    private static readonly TimeSpan FirstRepetition = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan MinGap = TimeSpan.FromMilliseconds(200);

    private readonly TaskCompletionSource<IceConnectResult> _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private MonotonicTime? _lastOfferAt;
    private int _repetitions;
    private MonotonicTime? _deadline;
    private bool _isDeadlineKnown;
    private bool _isDelivered;

    public PeerId Remote { get; } = remote;

    public IceConnection Connection { get; } = connection;

    public ulong Session { get; } = session;

    /// <summary>Whether this side has asked for the connection, and not the peer alone.</summary>
    public bool IsAsked { get; set; } = isAsked;

    /// <summary>Null until this side's candidates are gathered.</summary>
    public IceAgent? Agent { get; set; }

    public IceLocalDescription? Local { get; set; }

    public required IceOfferSender Sender { get; set; }

    /// <summary>The peer's last offer; kept while this side still gathers.</summary>
    public IceOffer? RemoteOffer { get; private set; }

    public byte Sequence { get; private set; } = sequence;

    public ExtraSockets? Sockets { get; set; }

    /// <summary>Whether it waits to be asked for what it has to send.</summary>
    public bool IsTouched { get; set; }

    public bool HasBeenConnected { get; set; }

    /// <summary>How often nobody knew the peer.</summary>
    public int Undelivered { get; set; }

    /// <summary>Whether an offer was passed on, as far as those who carry it know. Set by the task that sends, read on the loop.</summary>
    public bool IsDelivered
    {
        get => Volatile.Read(ref _isDelivered);
        set => Volatile.Write(ref _isDelivered, value);
    }

    /// <summary>When the offer is to be repeated; null when it need not be.</summary>
    public MonotonicTime? NextOfferAt { get; private set; }

    /// <summary>When the agent or the offer is due; null while this side still gathers. Kept until <see cref="Invalidate"/>: an agent looks at all its pairs for it.</summary>
    public MonotonicTime? Deadline
    {
        get
        {
            if (_isDeadlineKnown) return _deadline;
            _deadline = Agent is null ? null : MonotonicTime.Earlier(Agent.Deadline, NextOfferAt);
            _isDeadlineKnown = true;
            return _deadline;
        }
    }

    /// <summary>Ends with the first path, or with the failure.</summary>
    public Task<IceConnectResult> Connected => _connected.Task;

    /// <summary>The agent or the offer had an input, or was asked for what it has to send.</summary>
    public void Invalidate() => _isDeadlineKnown = false;

    /// <summary>Something has changed, of which the peer must hear.</summary>
    public void PlanNewOffer(MonotonicTime now)
    {
        Sequence++;
        _repetitions = 0;
        NextOfferAt = now;
    }

    /// <summary>The peer lacks our offer, or our word that we have its own.</summary>
    public void PlanAnswer(MonotonicTime now)
    {
        MonotonicTime earliest = _lastOfferAt is { } last ? last + MinGap : now;
        MonotonicTime at = earliest > now ? earliest : now;
        if (NextOfferAt is not { } planned || planned > at) NextOfferAt = at;
    }

    /// <summary>Takes the offer that this side has answered before the session was made.</summary>
    public void SetAnswered(IceOffer offer) => RemoteOffer = offer;

    /// <summary>Takes an offer of the peer.</summary>
    /// <returns>False when it is an older one than the last.</returns>
    public bool TryTake(MonotonicTime now, IceOffer offer)
    {
        bool isFirst = RemoteOffer is null && Sequence != 0;
        bool isSameSession = RemoteOffer?.Session == offer.Session;
        if (isSameSession && (sbyte)(offer.Sequence - RemoteOffer!.Sequence) < 0) return false;
        bool isNew = !isSameSession || offer.Sequence != RemoteOffer!.Sequence;
        RemoteOffer = offer;
        bool hasOurs = Sequence != 0 && offer.EchoedSession == Session && offer.EchoedSequence == Sequence;
        if (hasOurs && HasBeenConnected) NextOfferAt = null;   // before, a repeated answer must not cancel our word that it arrived
        if (isFirst) NextOfferAt = now;   // many peers make an agent only when they see that we have their answer
        else if (isNew || !hasOurs) PlanAnswer(now);
        return true;
    }

    /// <summary>Notes that the offer goes out now, and plans its repetition.</summary>
    public IceOffer TakeOffer(MonotonicTime now)
    {
        _lastOfferAt = now;
        bool isConfirmed = RemoteOffer is { } offer && offer.EchoedSession == Session && offer.EchoedSequence == Sequence;

        // A peer that has our offer may still wait for our word that we have its answer; a connection is the proof that it got that too.
        bool repeats = !(isConfirmed && HasBeenConnected) && _repetitions < MaxOfferRepetitions;
        NextOfferAt = repeats ? now + (FirstRepetition * (1 << _repetitions)) : null;
        _repetitions++;
        return new IceOffer
        {
            Session = Session,
            EchoedSession = RemoteOffer?.Session ?? 0,
            Sequence = Sequence,
            EchoedSequence = RemoteOffer?.Sequence ?? 0,
            Role = Agent!.Role,
            TieBreaker = Agent.TieBreaker,
            Credentials = Agent.Credentials,
            Nat = Local!.Nat,
            Candidates = Local.Candidates,
        };
    }

    public void CompleteConnected() => _connected.TrySetResult(new IceConnectResult(Connection, null));

    public void CompleteFailed(IceFailure failure)
    {
        _connected.TrySetResult(new IceConnectResult(null, failure));
        Connection.End(failure);
    }
}
