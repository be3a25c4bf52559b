using CS3103P2P.Protocol;
using CS3103P2P.Stun.Connections;
using CS3103P2P.Stun.Ice;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Stun;

/// <summary>
/// Offers of those whom nobody here asked for. They are answered, and each of their addresses gets one check, which opens our NAT for theirs; an agent is made
/// only when they show that they get what we send. On the loop.
/// </summary>
public sealed partial class IceTransport
{
    private const int MaxEarlyChecks = 64;      // waiting to be sent
    private static readonly TimeSpan StrangerPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AnswerGap = TimeSpan.FromMilliseconds(200);

    private readonly PendingTable _pending;
    private readonly Queue<(TransportAddress Destination, byte[] Check)> _earlyChecks = new();
    private IceLocalDescription? _lastLocal;
    private Task<IceLocalDescription>? _gathering;

    /// <summary>Strangers whose offers are kept. For tests.</summary>
    internal int PendingCount => _pending.Count;

    /// <summary>Connections that have an agent. For tests.</summary>
    internal int SessionCount => _sessions.Count;

    private void HandleOffer(PeerId remote, IceOfferSender sender, IceOffer offer)
    {
        if (_isClosed) return;
        _options.Logger.LogDebug("Offer {Sequence} from {Peer}.", offer.Sequence, remote);
        MonotonicTime now = _endpoint.Clock.Now;
        if (_sessions.Find(remote) is { } session)
        {
            session.Sender = sender;
            if (session.TryTake(now, offer) && session.Agent is not null) Apply(now, session, offer);
            return;
        }

        _pending.Expire(now);
        if (_pending.Find(remote) is not { } pending)
        {
            pending = new PendingOffer(remote, RandomNumber(), NewCredentials())
            {
                Offer = PendingOffer.Shorten(offer), Sender = sender, ExpiresAt = now + StrangerPatience,
            };
            if (!_pending.TryAdd(pending)) return;
            _earliestIsStale = true;
        }
        else if (offer.EchoedSession == pending.Session)
        {
            Promote(now, pending, isAsked: false, offer);
            return;
        }

        if (now < pending.NextAnswerAt) return;
        pending.NextAnswerAt = now + AnswerGap;
        pending.Offer = PendingOffer.Shorten(offer);
        pending.Sender = sender;
        Observe(AnswerAsync(pending));
    }

    // Many strangers at a time share one look at the network.
    private async Task AnswerAsync(PendingOffer pending)
    {
        if (_gathering is null || _gathering.IsCompleted) _gathering = _gatherer.GatherAsync(GatherMode.First, _stop.Token);
        IceLocalDescription local = await _gathering.ConfigureAwait(false);
        _endpoint.TryPost(() => Answer(pending, local));
    }

    private void Answer(PendingOffer pending, IceLocalDescription local)
    {
        _lastLocal = local;
        if (_isClosed || _pending.Find(pending.Remote) != pending || !IceOfferCodec.TryParse(pending.Offer, out IceOffer? theirs)) return;
        byte[] answer = IceOfferCodec.Encode(new IceOffer
        {
            Session = pending.Session,
            EchoedSession = theirs.Session,
            Sequence = IceSession.FirstSequence,
            EchoedSequence = theirs.Sequence,
            Role = IceRole.Controlled,
            TieBreaker = pending.Session,
            Credentials = pending.Credentials,
            Nat = local.Nat,
            Candidates = local.Candidates,
        });
        _options.Logger.LogDebug("Answer to {Peer}.", pending.Remote);
        Observe(Task.Run(() => pending.Sender(pending.Remote, answer, _stop.Token), _stop.Token));
        QueueEarlyChecks(pending, local, theirs);
    }

    private void QueueEarlyChecks(PendingOffer pending, IceLocalDescription local, IceOffer theirs)
    {
        var filter = new IceCandidateFilter();
        filter.SetLocal(local.Subnets, local.Candidates);
        bool prefersReflexive = local.Nat.PortDelta != 0;   // the stranger expects our very next port there
        IEnumerable<IceCandidate> targets = filter.Filter(theirs.Candidates)
            .OrderByDescending(c => (prefersReflexive && c.Type == IceCandidateType.ServerReflexive, c.Priority)).Take(PendingOffer.MaxCandidates);
        string username = $"{theirs.Credentials.Fragment}:{pending.Credentials.Fragment}";
        var fields = new IceCheckFields(IceAgent.CheckPriority, IsControlling: false, pending.Session, UseCandidate: false);
        Span<byte> buffer = stackalloc byte[IceCheckMessage.MaxBytes];
        foreach (IceCandidate target in targets)
        {
            if (_earlyChecks.Count == MaxEarlyChecks || !local.Candidates.Any(c => c.Address.IsIPv4 == target.Address.IsIPv4)) continue;
            int bytes = IceCheckMessage.WriteRequest(buffer, _stun.NewTransactionId(), username, fields, theirs.Credentials.Hmac);
            _earlyChecks.Enqueue((target.Address, buffer[..bytes].ToArray()));
        }

        _endpoint.Wake();
    }

    private bool PollEarlyCheck(Span<byte> buffer, out Transmit transmit)
    {
        transmit = default;
        if (!_earlyChecks.TryDequeue(out (TransportAddress Destination, byte[] Check) early)) return false;
        early.Check.CopyTo(buffer);
        transmit = new Transmit(early.Destination, early.Check.Length);
        return true;
    }

    // The stranger gets what we send: now it is worth an agent.
    private IceSession? Promote(MonotonicTime now, PendingOffer pending, bool isAsked, IceOffer? echo)
    {
        bool isFull = _sessions.Count == _options.MaxConnections || (!isAsked && _sessions.CountUnproven() >= _options.MaxUnproven);
        if (isFull || _lastLocal is not { } local || !IceOfferCodec.TryParse(pending.Offer, out IceOffer? first)) return null;
        _pending.Remove(pending);
        IceSession session = Add(pending.Remote, pending.Sender, pending.Session, isAsked, IceSession.FirstSequence);
        StartAgent(now, session, local, pending.Credentials, IceRole.Controlled, pending.Session);
        session.SetAnswered(first);
        if (echo is not null) session.TryTake(now, echo);
        Apply(now, session, session.RemoteOffer!);
        Refresh(asks: false);   // something may have been found since
        return session;
    }

    // Too early to have been answered: the peer's offer is the first that the session knows.
    private void TakeOver(MonotonicTime now, PendingOffer pending, IceSession session)
    {
        _pending.Remove(pending);
        if (IceOfferCodec.TryParse(pending.Offer, out IceOffer? offer)) session.TryTake(now, offer);
    }

    private bool TryPromote(MonotonicTime now, in StunMessage check, out IceSession? session)
    {
        session = _pending.Count > 0 && _pending.Find(check) is { } pending ? Promote(now, pending, isAsked: false, echo: null) : null;
        return session is not null;
    }
}
