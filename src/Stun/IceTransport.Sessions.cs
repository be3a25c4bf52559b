using CS3103P2P.Protocol;
using CS3103P2P.Stun.Connections;
using CS3103P2P.Stun.Ice;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Stun;

/// <summary>The life of the connections. All of it runs on the loop, but for the sending of offers and the gathering.</summary>
public sealed partial class IceTransport
{
    private readonly IceBirthdayPace _birthdayPace = new();

    private IceSession? GetOrAdd(PeerId remote, IceOfferSender sender)
    {
        if (_isClosed) return null;
        IceSession? session = _sessions.Find(remote);
        if (session is null)
        {
            MonotonicTime now = _endpoint.Clock.Now;
            PendingOffer? pending = _pending.Find(remote);
            if (pending is not null && Promote(now, pending, isAsked: true, echo: null) is { } promoted) return promoted;
            if (_sessions.Count == _options.MaxConnections) return null;
            session = Add(remote, sender, RandomNumber(), isAsked: true, sequence: 0);
            if (pending is not null) TakeOver(now, pending, session);
            Observe(PrepareAsync(session));
        }

        session.IsAsked = true;
        session.Sender = sender;
        return session;
    }

    private IceSession Add(PeerId remote, IceOfferSender sender, ulong number, bool isAsked, byte sequence)
    {
        IceSession? added = null;
        var connection = new IceConnection(remote, _sessions.NextLasting(), () => CloseAsync(added!));
        added = new IceSession(remote, connection, number, isAsked, sequence) { Sender = sender };
        _sessions.Add(added);
        return added;
    }

    private async Task PrepareAsync(IceSession session)
    {
        IceLocalDescription local = await _gatherer.GatherAsync(GatherMode.First, _stop.Token).ConfigureAwait(false);
        _endpoint.TryPost(() => Begin(session, local));
    }

    private void Begin(IceSession session, IceLocalDescription local)
    {
        if (_sessions.Find(session.Remote) != session) return;
        MonotonicTime now = _endpoint.Clock.Now;
        StartAgent(now, session, local, NewCredentials(), IceRole.Controlling, RandomNumber());
        session.PlanNewOffer(now);
        if (session.RemoteOffer is { } offer) Apply(now, session, offer);
        Touch(session);
    }

    private void StartAgent(MonotonicTime now, IceSession session, IceLocalDescription local, IceCredentials credentials, IceRole role, ulong tieBreaker)
    {
        IceAgentSettings settings = _options.AdjustSettings(new IceAgentSettings
        {
            Role = role, TieBreaker = tieBreaker, Credentials = credentials, BirthdayPace = _birthdayPace,
        });
        session.Local = local;
        session.Agent = new IceAgent(settings, new Random(Chance.Next()), _stun.NewTransactionId);
        session.Agent.Start(now, local);
        session.Agent.HandleRelay(_relay.State);
        _sessions.AddFragment(session);
    }

    private void Apply(MonotonicTime now, IceSession session, IceOffer offer)
    {
        bool isConfirmed = offer.EchoedSession == session.Session;
        session.Agent!.SetRemote(now, new IceRemoteDescription(offer.Credentials, offer.Candidates, offer.Nat, isConfirmed));
        Touch(session);
    }

    private void Touch(IceSession session)
    {
        _earliestIsStale = true;
        session.Invalidate();
        if (session.IsTouched || session.Agent is null) return;
        session.IsTouched = true;
        _touched.Enqueue(session);
    }

    private bool Route(MonotonicTime now, int path, TransportAddress source, in StunMessage message)
    {
        if (message.Method != StunMethod.Binding) return false;
        if (message.Class == StunClass.Request)
        {
            if (!IceCheckMessage.TryGetLocalFragment(message, out ReadOnlySpan<byte> fragment)) return false;
            IceSession? named = _sessions.FindFragment(fragment);
            if (named is null && !TryPromote(now, message, out named)) return false;
            if (!named!.Agent!.HandleMessage(now, path, source, message)) return false;
            Touch(named);
            return true;
        }

        foreach (IceSession session in _sessions.All)
        {
            if (session.Agent is null || !session.Agent.HandleMessage(now, path, source, message)) continue;
            Touch(session);
            return true;
        }

        return false;
    }

    private void Handle(MonotonicTime now, IceSession session, IceEvents events)
    {
        IceAgent agent = session.Agent!;
        _options.Logger.LogDebug(
            "ICE with {Peer}: {Events}, {State}, {Path}, {Local} and {Remote}, {Sockets} sockets.",
            session.Remote, events, agent.State, agent.Selected, session.Local!.Nat, session.RemoteOffer?.Nat, agent.WantedSockets);
        _earliestIsStale = true;
        if (events.HasFlag(IceEvents.SocketsChanged)) AdjustSockets(now, session);
        if (events.HasFlag(IceEvents.RemotesChanged)) _sessions.UpdatePaths(session);
        if (events.HasFlag(IceEvents.PathChanged) && agent.Selected is { } path) HandlePath(session, path, agent.RoundTrip ?? default);
        else if (events.HasFlag(IceEvents.PathRecovered)) PathChanged?.Invoke(session.Connection.Address);
        if ((events & (IceEvents.PathDoubtful | IceEvents.MappedAddressChanged)) != 0) Refresh(asks: true);
        if (events.HasFlag(IceEvents.Failed)) End(session, IceFailureReason.None);
    }

    private void HandlePath(IceSession session, IcePath path, TimeSpan roundTrip)
    {
        session.Connection.SetPath(path, roundTrip);
        if (session.HasBeenConnected)
        {
            PathChanged?.Invoke(session.Connection.Address);
            return;
        }

        session.HasBeenConnected = true;
        session.CompleteConnected();
        if (!session.IsAsked) Accepted?.Invoke(session.Connection);
    }

    private void AdjustSockets(MonotonicTime now, IceSession session)
    {
        IceAgent agent = session.Agent!;
        if (agent.WantedSockets == 0)
        {
            session.Sockets?.CloseExcept(agent.IsPathInUse);
            return;
        }

        session.Sockets ??= new ExtraSockets(
            _endpoint, (path, source, datagram) => HandleOtherWay(path, source, datagram), _options.Logger);
        agent.HandleSocketsOpened(now, session.Sockets.Open(agent.WantedSockets));
    }

    private void SendElsewhere(IceSession session, int path, TransportAddress destination, ReadOnlySpan<byte> datagram)
    {
        if (IcePaths.IsExtraSocket(path)) session.Sockets?.Send(path, destination, datagram);
        else _relay.Send(destination, datagram, () => _endpoint.TryPost(() => session.Agent!.HandleRelay(IceRelayState.Refused)));
    }

    private void HandleRelayed(TransportAddress peer, ReadOnlySpan<byte> datagram) => HandleOtherWay(IcePaths.FirstRelay, peer, datagram);

    private void HandleOtherWay(int path, TransportAddress source, ReadOnlySpan<byte> datagram)
    {
        switch (DatagramClassifier.Classify(datagram))
        {
            case DatagramKind.Stun when StunMessage.TryParse(datagram, out StunMessage message):
                Route(_endpoint.Clock.Now, path, source, message);
                break;
            case DatagramKind.Utp when _sessions.FindPath(path, source) is { } session:
                _endpoint.Deliver(session.Connection.Address, datagram);
                break;
        }
    }

    private void SendOffer(MonotonicTime now, IceSession session)
    {
        byte[] offer = IceOfferCodec.Encode(session.TakeOffer(now));
        _options.Logger.LogDebug("Offer {Sequence} to {Peer}.", session.Sequence, session.Remote);
        Observe(SendOfferAsync(session, offer));
    }

    private async Task SendOfferAsync(IceSession session, byte[] offer)
    {
        bool isKnown = await Task.Run(() => session.Sender(session.Remote, offer, _stop.Token), _stop.Token).ConfigureAwait(false);
        if (isKnown) session.IsDelivered = true;
        else _endpoint.TryPost(() => HandleUndelivered(session));
    }

    private void HandleUndelivered(IceSession session)
    {
        if (session.RemoteOffer is null && ++session.Undelivered >= MaxUndelivered) End(session, IceFailureReason.OfferNotDelivered);
    }

    private void Refresh(bool asks)
    {
        if (_isClosed || _sessions.Count == 0) return;
        _refreshAgain = _isRefreshing;
        _refreshAsks = asks || (_refreshAsks && _isRefreshing);
        if (_isRefreshing) return;
        _isRefreshing = true;
        GatherMode mode = _refreshAsks ? GatherMode.AskAnew : GatherMode.AsKnown;
        if (_refreshAsks) _relay.Verify();
        _refreshAsks = false;
        Observe(RefreshAsync(mode));
    }

    private async Task RefreshAsync(GatherMode mode)
    {
        try
        {
            IceLocalDescription local = await _gatherer.GatherAsync(mode, _stop.Token).ConfigureAwait(false);
            _endpoint.TryPost(() => Take(local));
        }
        finally
        {
            _endpoint.TryPost(HandleRefreshed);
        }
    }

    private void HandleRefreshed()
    {
        _isRefreshing = false;
        if (_refreshAgain) Refresh(_refreshAsks);
    }

    private void Take(IceLocalDescription local)
    {
        MonotonicTime now = _endpoint.Clock.Now;
        foreach (IceSession session in _sessions.All)
        {
            if (session.Agent is not { } agent) continue;
            agent.HandleRelay(_relay.State);
            if (session.Local!.Nat == local.Nat && session.Local.Candidates.SequenceEqual(local.Candidates)) continue;
            session.Local = local;
            agent.SetLocal(now, local);
            session.PlanNewOffer(now);
            Touch(session);
        }
    }

    private Task CloseAsync(IceSession session)
    {
        if (_endpoint.IsOnLoop) End(session, IceFailureReason.Closed);
        else _endpoint.TryPost(() => End(session, IceFailureReason.Closed));
        return Task.CompletedTask;
    }

    private void End(IceSession session, IceFailureReason reason)
    {
        if (_sessions.Find(session.Remote) != session) return;
        session.Agent?.Close(reason);
        _sessions.Remove(session);
        session.Sockets?.Dispose();
        IceFailure failure = session.Agent?.Failure ?? new IceFailure(reason, default, default);
        if (failure.Reason == IceFailureReason.OfferNotDelivered && session.IsDelivered) failure = failure with { Reason = IceFailureReason.NoAnswer };
        _options.Logger.LogInformation("The connection to {Peer} ended: {Failure}", session.Remote, failure);
        session.CompleteFailed(failure);
        _earliestIsStale = true;
        if (!session.IsAsked && !session.HasBeenConnected && failure.Reason != IceFailureReason.Closed) Refused?.Invoke(session.Remote, failure);
    }

    private Random Chance => _endpoint.Network.Chance;

    private IceCredentials NewCredentials() => new(RandomText(FragmentLength), RandomText(PasswordLength));

    private string RandomText(int length) =>
        string.Create(length, Chance, static (text, chance) =>
        {
            foreach (ref char letter in text) letter = IceCharacters[chance.Next(IceCharacters.Length)];
        });

    private ulong RandomNumber()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        Chance.NextBytes(bytes);
        return BitConverter.ToUInt64(bytes);
    }

    private void Observe(Task task) => task.ContinueWith(
        ended => _options.Logger.LogWarning(ended.Exception, "An offer was not sent, or candidates were not gathered."),
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted,
        TaskScheduler.Default);
}
