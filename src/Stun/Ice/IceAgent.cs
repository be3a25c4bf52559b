using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Ice;

/// <summary>
/// One side of one connection's ICE (RFC 8445): finds a way to a peer, uses whatever works first, goes over to better ways, keeps them alive, notices when
/// they die. Owned by one loop; not thread-safe. After each input: <see cref="PollTransmit"/> until false, then <see cref="TakeEvents"/>, then sleep until
/// <see cref="Deadline"/>.
/// </summary>
/// <remarks>
/// Departures from RFC 8445, with their reasons: docs/decisions/ice.md. One component, so one check list; all candidates of one socket share one base, so
/// a pair is a way (see <see cref="IcePaths"/>) and an address of the peer.
/// </remarks>
public sealed partial class IceAgent
{
    /// <summary>Most candidates that are taken of either side.</summary>
    public const int MaxCandidates = 32;

    private const int MaxKeptPairs = 4;                                        // alive at a time: the one in use and its reserve

    /// <summary>
    /// Checks sent for a peer that has not shown yet that it gets what we send: under 1 KB, lest an offer with other people's addresses turn us against them.
    /// </summary>
    internal const int MaxChecksToStranger = 8;

    /// <summary>The PRIORITY of checks: that of a peer-reflexive candidate which the peer may learn of by it (RFC 8445 §7.1.1).</summary>
    internal static readonly uint CheckPriority = IceCandidate.PriorityOf(IceCandidateType.PeerReflexive, IceCandidate.MaxLocalPreference);

    // By it a relay is known even when the offer that names it comes later, or never: taken for a direct way, it would keep both sides from looking for one.
    private static readonly uint RelayedCheckPriority = IceCandidate.PriorityOf(IceCandidateType.Relayed, IceCandidate.MaxLocalPreference);

    private readonly IceAgentSettings _settings;
    private readonly Func<StunTransactionId> _newId;
    private readonly IceCandidateFilter _filter = new();
    private readonly IcePairTable _pairs = new();
    private readonly IceSelection _selection;
    private readonly IceCheckSchedule _schedule;
    private readonly IceBirthday _birthday;
    private readonly IceReplies _replies = new();
    private IceLocalDescription _local = new([], [], default);
    private IceRemoteDescription? _remote;
    private IceCredentials? _previousCredentials;
    private string _username = string.Empty;
    private IceEvents _events;
    private MonotonicTime _giveUpAt;
    private int _checksToStranger;
    private bool _isPeerConfirmed;
    private IceRelayState _relay;

    /// <summary>Makes an agent; <see cref="Start"/> begins.</summary>
    /// <param name="settings">How to work.</param>
    /// <param name="random">Jitter and guesses.</param>
    /// <param name="newId">Makes transaction ids that nobody can predict.</param>
    public IceAgent(IceAgentSettings settings, Random random, Func<StunTransactionId> newId)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(random);
        ArgumentNullException.ThrowIfNull(newId);
        settings.Validate();
        _settings = settings;
        _newId = newId;
        _selection = new IceSelection(_pairs, settings.DoubtAfter);
        _schedule = new IceCheckSchedule(settings, _pairs, _selection, random);
        _birthday = new IceBirthday(random, settings.BirthdayPace);
        Role = settings.Role;
        Credentials = settings.Credentials;
    }

    /// <summary>The present role.</summary>
    public IceRole Role { get; private set; }

    /// <summary>Where the agent stands.</summary>
    public IceAgentState State { get; private set; }

    /// <summary>Why it failed; null unless it has.</summary>
    public IceFailure? Failure { get; private set; }

    /// <summary>This side's present credentials.</summary>
    public IceCredentials Credentials { get; private set; }

    /// <summary>The way to send data on; null while none works.</summary>
    public IcePath? Selected => _selection.Current is { } pair ? PathOf(pair) : null;

    /// <summary>The round-trip time of the way in use, as last measured; null while none works.</summary>
    public TimeSpan? RoundTrip => _selection.Current?.RoundTrip;

    /// <summary>The number that decides about roles.</summary>
    public ulong TieBreaker => _settings.TieBreaker;

    /// <summary>How many sockets the shell shall have open for birthday guessing: 0, or <see cref="IcePaths.MaxExtraSockets"/> while it goes on.</summary>
    public int WantedSockets { get; private set; }

    /// <summary>When <see cref="HandleTimeout"/> is next due; null when never.</summary>
    public MonotonicTime? Deadline
    {
        get
        {
            if (State == IceAgentState.Failed) return null;
            MonotonicTime? deadline = _birthday.Deadline;
            if (State == IceAgentState.Connecting) deadline = MonotonicTime.Earlier(deadline, _giveUpAt);
            if (_remote is null) return deadline;
            if (State == IceAgentState.Connected) deadline = MonotonicTime.Earlier(deadline, _selection.DoubtAt);
            if (State == IceAgentState.Doubtful) deadline = MonotonicTime.Earlier(deadline, _selection.Current?.LastAnswerAt + _settings.ConsentTimeout);
            if (IsBirthdayPending) deadline = MonotonicTime.Earlier(deadline, _birthdayAt);
            return MonotonicTime.Earlier(deadline, _schedule.Deadline);
        }
    }

    /// <summary>Pairs of addresses that it knows.</summary>
    internal int PairCount => _pairs.Count;

    private bool IsControlling => Role == IceRole.Controlling;

    /// <summary>Begins: checks run from the moment on at which the peer's offer is known too.</summary>
    public void Start(MonotonicTime now, IceLocalDescription local)
    {
        _giveUpAt = now + _settings.OfferTimeout;
        _schedule.Start(now);
        SetLocal(now, local);
    }

    /// <summary>Takes what was gathered since; ways that are gone are given up, all others are tried again.</summary>
    public void SetLocal(MonotonicTime now, IceLocalDescription local)
    {
        ArgumentNullException.ThrowIfNull(local);
        IReadOnlyList<IceCandidate> before = _local.Candidates;
        _local = local with { Candidates = [.. local.Candidates.Take(MaxCandidates)] };
        NoteMove(now, before, _local.Candidates);
        _filter.SetLocal(local.Subnets, _local.Candidates);
        _pairs.RemoveAll(p => IcePaths.IsRelay(p.Path) && !_local.Candidates.Any(c => c.Path == p.Path));
        _schedule.PrefersReflexive = local.Nat.PortDelta != 0;
        if (_remote is not null) _pairs.Form(_local.Candidates, _remote.Candidates, IsControlling);
        _schedule.Recheck(now);
        Settle(now);
    }

    /// <summary>Takes the peer's offer, the first or a later one.</summary>
    public void SetRemote(MonotonicTime now, IceRemoteDescription remote)
    {
        ArgumentNullException.ThrowIfNull(remote);
        bool isFirst = _remote is null;
        bool isRestart = !isFirst && remote.Credentials.Fragment != _remote!.Credentials.Fragment;
        IReadOnlyList<IceCandidate> before = _remote?.Candidates ?? [];
        _remote = remote with { Candidates = [.. _filter.Filter([.. remote.Candidates.Take(MaxCandidates)])] };
        NoteMove(now, before, _remote.Candidates);
        _username = $"{remote.Credentials.Fragment}:{Credentials.Fragment}";
        if (remote.IsConfirmed) Confirm(now);
        if (isRestart) _pairs.RemoveAll(p => !p.IsValid && !_remote.Candidates.Any(c => c.Address == p.Remote.Address));
        if (isFirst || isRestart) PlanBirthday(now);
        if (isFirst) _giveUpAt = now + _settings.CheckTimeout;
        _pairs.Form(_local.Candidates, _remote.Candidates, IsControlling);
        _schedule.Recheck(now);
        Settle(now);
    }

    /// <summary>Restarts (RFC 8445 §9): new credentials, all ways tried anew. Data goes on over the old way until another works.</summary>
    public void Restart(MonotonicTime now, IceCredentials credentials)
    {
        ArgumentNullException.ThrowIfNull(credentials);
        if (State == IceAgentState.Failed) throw new InvalidOperationException("A failed agent cannot be restarted.");
        _previousCredentials = Credentials;
        Credentials = credentials;
        if (_remote is not null) _username = $"{_remote.Credentials.Fragment}:{credentials.Fragment}";
        PlanBirthday(now);
        _schedule.Recheck(now);
        Settle(now);
    }

    /// <summary>Learns what can be expected of relays: the reason of a failure that may follow.</summary>
    public void HandleRelay(IceRelayState state) => _relay = state;

    /// <summary>Learns how many sockets were opened after <see cref="WantedSockets"/> rose; their paths count from <see cref="IcePaths.FirstExtraSocket"/>.</summary>
    public void HandleSocketsOpened(MonotonicTime now, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, IcePaths.MaxExtraSockets);
        if (WantedSockets == 0 || State == IceAgentState.Failed || BirthdayTarget() is not { } target) return;
        _birthday.StartOpening(now, target, count);
    }

    /// <summary>Whether a socket opened for guessing carries a way that works; others may be closed once <see cref="WantedSockets"/> is 0.</summary>
    public bool IsPathInUse(int path)
    {
        foreach (IcePair pair in _pairs)
        {
            if (pair.Path == path && (pair.IsProven || pair.IsValid)) return true;
        }

        return false;
    }

    /// <summary>Adds every address that the peer has proven to send from.</summary>
    public void CopyProvenPaths(ICollection<IcePath> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        foreach (IcePair pair in _pairs)
        {
            if (pair.IsProven) destination.Add(PathOf(pair));
        }
    }

    /// <summary>Whether a check's USERNAME names this agent.</summary>
    public bool Owns(string fragment) => Credentials.Fragment == fragment || _previousCredentials?.Fragment == fragment;

    /// <summary>Takes a STUN message that came by one of the ways.</summary>
    /// <returns>False when it is not this agent's.</returns>
    public bool HandleMessage(MonotonicTime now, int path, TransportAddress source, in StunMessage message)
    {
        if (State == IceAgentState.Failed || message.Method != StunMethod.Binding) return false;
        bool isOurs = message.Class switch
        {
            StunClass.Request => TryHandleRequest(now, path, source, message),
            StunClass.SuccessResponse or StunClass.ErrorResponse => TryHandleResponse(now, path, source, message),
            _ => false,
        };
        if (isOurs) Settle(now);
        return isOurs;
    }

    /// <summary>Does what is due.</summary>
    public void HandleTimeout(MonotonicTime now)
    {
        if (State == IceAgentState.Failed) return;
        if (_remote is not null) _schedule.HandleTimeout(now);
        if (IsBirthdayPending && _birthdayAt <= now) StartBirthday(now);
        Settle(now);
        if (State == IceAgentState.Connecting && (now >= _giveUpAt || HasNothingLeft())) Fail(ReasonOfFailure());
    }

    /// <summary>Writes what is to be sent now; false when nothing is.</summary>
    /// <param name="now">The present time.</param>
    /// <param name="buffer">At least 256 bytes.</param>
    /// <param name="transmit">What was written, and where it goes.</param>
    public bool PollTransmit(MonotonicTime now, Span<byte> buffer, out IceTransmit transmit)
    {
        transmit = default;
        if (State == IceAgentState.Failed) return false;
        if (_replies.TryWrite(buffer, out transmit)) return true;
        if (_remote is null) return false;
        while (_schedule.TakeDue(now) is { } pair)
        {
            if (!_isPeerConfirmed && _checksToStranger++ >= MaxChecksToStranger) continue;
            StunTransactionId id = pair.NextTransaction(now, _newId, IsControlling);
            transmit = new IceTransmit(pair.Path, pair.Remote.Address, WriteCheck(buffer, id, pair.Path, nominates: IsControlling && pair == _selection.Current, StraightOn(pair)));
            return true;
        }

        return PollBirthday(now, buffer, out transmit);
    }

    /// <summary>What has happened since the last call.</summary>
    public IceEvents TakeEvents()
    {
        IceEvents events = _events;
        _events = IceEvents.None;
        return events;
    }

    /// <summary>Ends at once.</summary>
    /// <param name="reason">Why.</param>
    public void Close(IceFailureReason reason = IceFailureReason.Closed) => Fail(reason);

    private bool TryHandleRequest(MonotonicTime now, int path, TransportAddress source, in StunMessage message)
    {
        IceCredentials? ours = IceCheckMessage.IsFor(message, Credentials.Fragment) ? Credentials
            : _previousCredentials is { } previous && IceCheckMessage.IsFor(message, previous.Fragment) ? previous
            : null;
        if (ours is null) return false;
        if (!StunIntegrity.VerifySha1(message, ours.Hmac) || !IceCheckMessage.TryRead(message, out IceCheckFields fields)) return true;
        bool isConflict = fields.IsControlling == IsControlling && !TryYield(fields);
        _replies.Add(new IceReply(path, source, message.TransactionId, ours, isConflict));
        Confirm(now);
        if (isConflict || FindOrAdd(path, source, fields.Priority) is not { } pair) return true;
        SetProven(pair);
        if (fields.UseCandidate && !IsControlling) _selection.Nominate(now, pair);
        if (_remote is null) return true;
        _schedule.Trigger(now, pair);
        if (pair.IsRelayed && fields.Straight is { } straight) HandleStraight(now, straight);
        return true;
    }

    private void Confirm(MonotonicTime now)
    {
        if (_isPeerConfirmed) return;
        _isPeerConfirmed = true;
        _schedule.Recheck(now);
    }

    // RFC 8445 §7.3.1.1: the larger number keeps, or gets, the controlling role; false when the peer must change.
    private bool TryYield(in IceCheckFields fields)
    {
        bool keepsOrTakesControl = _settings.TieBreaker >= fields.TieBreaker;
        if (keepsOrTakesControl == IsControlling) return false;
        SetRole(keepsOrTakesControl ? IceRole.Controlling : IceRole.Controlled);
        return true;
    }

    private bool TryHandleResponse(MonotonicTime now, int path, TransportAddress source, in StunMessage message)
    {
        if (_remote is null) return false;
        StunTransactionId id = message.TransactionId;
        if (_birthday.IsActive && id == _birthdayId) return TryHandleBirthdayHit(now, path, source, message);
        IcePair? pair = _pairs.TakeTransaction(path, source, id, out IcePair.Sent sent);
        if (pair is null) return false;
        if (!StunIntegrity.VerifySha1(message, _remote.Credentials.Hmac)) return true;
        if (message.Class == StunClass.ErrorResponse)
        {
            if (!message.TryGetErrorCode(out int code) || code != StunErrorCodes.RoleConflict) return true;
            if (sent.AsControlling == IsControlling) SetRole(IsControlling ? IceRole.Controlled : IceRole.Controlling);
            pair.NextSendAt = now;
            return true;
        }

        // An answer from elsewhere proves nothing about this pair (RFC 8445 §7.2.5.2.1).
        if (source != pair.Remote.Address || !message.TryGetXorAddress(StunAttributeType.XorMappedAddress, out TransportAddress mapped)) return true;
        if (pair.Mapped != mapped && !pair.Mapped.IsUnspecified) _events |= IceEvents.MappedAddressChanged;
        pair.Mapped = mapped;
        pair.RoundTrip = now - sent.At;
        SetProven(pair);
        _schedule.HandleAnswer(now, pair);
        return true;
    }

    private IcePair? FindOrAdd(int path, TransportAddress source, uint remotePriority)
    {
        if (_pairs.Find(path, source) is { } known) return known;
        IceCandidateType type = remotePriority <= RelayedCheckPriority ? IceCandidateType.Relayed : IceCandidateType.PeerReflexive;
        var remote = new IceCandidate(type, source, remotePriority);
        foreach (IceCandidate offered in _remote?.Candidates ?? [])
        {
            if (offered.Address == source) remote = offered;
        }

        bool isPeersOwn = IcePaths.IsRelay(path) && remote.Type != IceCandidateType.Relayed && IceCandidateFilter.IsPublic(source);
        if (isPeersOwn) FindOrAddStraight(remote);
        return _pairs.Add(path, remote, _local.Candidates, IsControlling);
    }

    private void SetRole(IceRole role)
    {
        Role = role;
        _selection.ForgetNomination();
        _pairs.Prioritize(_local.Candidates, IsControlling);
    }

    private void SetProven(IcePair pair)
    {
        if (pair.IsProven) return;
        pair.IsProven = true;
        _events |= IceEvents.RemotesChanged;
    }

    /// <summary>After each input: chooses, keeps a few in reserve, and draws the conclusions.</summary>
    private void Settle(MonotonicTime now)
    {
        // A pair that left the table together with its relay is not checked any more, and its consent ends all the same.
        bool isOver = _selection.Current is { IsValid: true } used && now - used.LastAnswerAt >= _settings.ConsentTimeout;
        if (isOver) IceCheckSchedule.Stop(_selection.Current!);
        if (_selection.Update(now, IsControlling))
        {
            _events |= IceEvents.PathChanged;
            if (_selection.Current is { } chosen) _schedule.HandleSelected(now, chosen, nominates: IsControlling);
        }

        SupersedeExcess();
        if (HasDirectPath) StopBirthday();
        if (_selection.Current is not { } current)
        {
            if (State is IceAgentState.Connected or IceAgentState.Doubtful) Fail(IceFailureReason.ConsentLost);
        }
        else if (!_selection.IsSilent(now, current))
        {
            if (State == IceAgentState.Doubtful) _events |= IceEvents.PathRecovered;
            State = IceAgentState.Connected;
        }
        else if (State == IceAgentState.Connected)
        {
            State = IceAgentState.Doubtful;
            _events |= IceEvents.PathDoubtful;
            PlanBirthday(now);
            _schedule.Recheck(now);
        }
    }

    private void SupersedeExcess()
    {
        while (true)
        {
            int valid = 0;
            IcePair? worst = null;
            foreach (IcePair pair in _pairs)
            {
                if (!pair.IsValid) continue;
                valid++;
                if (pair != _selection.Current && (worst is null || pair.Priority < worst.Priority)) worst = pair;
            }

            if (valid <= MaxKeptPairs || worst is null) return;
            IceCheckSchedule.Stop(worst);
            worst.IsSuperseded = true;
        }
    }

    private int WriteCheck(Span<byte> buffer, StunTransactionId id, int path, bool nominates, TransportAddress? straight = null)
    {
        var fields = new IceCheckFields(IcePaths.IsRelay(path) ? RelayedCheckPriority : CheckPriority, IsControlling, _settings.TieBreaker, nominates, straight);
        return IceCheckMessage.WriteRequest(buffer, id, _username, fields, _remote!.Credentials.Hmac);
    }

    private bool HasNothingLeft()
    {
        if (_remote is null || _birthday.IsActive || WantedSockets != 0 || IsBirthdayPending || _pairs.Count == 0) return false;
        foreach (IcePair pair in _pairs)
        {
            if (pair.State != IcePairState.Failed) return false;
        }

        return true;
    }

    private IceFailureReason ReasonOfFailure() =>
        _remote is null ? IceFailureReason.OfferNotDelivered
        : _pairs.Count == 0 ? IceFailureReason.NoCandidates
        : _relay switch
        {
            IceRelayState.Absent => IceFailureReason.RelayAbsent,
            IceRelayState.Refused => IceFailureReason.RelayRefused,
            IceRelayState.QuotaReached => IceFailureReason.RelayQuota,
            IceRelayState.Unreachable => IceFailureReason.RelayUnreachable,
            _ => IceFailureReason.ChecksFailed,
        };

    private void Fail(IceFailureReason reason)
    {
        if (State == IceAgentState.Failed) return;
        StopBirthday();
        State = IceAgentState.Failed;
        Failure = new IceFailure(reason, _local.Nat, _remote?.Nat ?? default);
        _events |= IceEvents.Failed;
    }

    private static IcePath PathOf(IcePair pair) => new(pair.Path, pair.Remote.Address, pair.Remote.Type);
}
