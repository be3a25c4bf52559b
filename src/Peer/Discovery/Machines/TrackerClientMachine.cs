using System.Text;
using CS3103P2P.Protocol;
using CS3103P2P.Stun;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Discovery;

/// <summary>
/// A peer's side of the tracker's text protocol (docs/tracker-protocol.md): asks with retransmission, proves its address by the tracker's cookie, puts
/// pages together, and keeps registrations standing through lost datagrams, restarts of the tracker and changes of address. Pure; owned by one loop.
/// </summary>
/// <remarks>After each input: take <see cref="TryTakeEnded"/> and <see cref="TryTakeOffer"/>, drain <see cref="PollTransmit"/>, sleep until
/// <see cref="Deadline"/>.</remarks>
internal sealed class TrackerClientMachine(PeerId self, Random random) : IDatagramMachine
{
    private const int MaxOffers = 64;
    private const int MaxCookieRounds = 3;
    private const int MaxIntroductions = 3;

    private readonly TrackerExchangeTable _exchanges = new(random.Next(1 << 20));
    private readonly Queue<TrackerExchange> _ended = new();
    private readonly Queue<RendezvousOffer> _offers = new();
    private readonly RegistrationBook _book = new();
    private TransportAddress? _tracker;
    private TransportAddress? _publicAddress;
    private ulong? _cookie;
    private int _cookieRounds;
    private bool _refreshInFlight;
    private bool _isPresent;              // this peer wants to be reached through the tracker, even without registrations
    private TrackerDialect _dialect;
    private bool _wantsListForm;          // the tracker did not answer a registration in the original's form
    private MonotonicTime _refreshAt = MonotonicTime.Never;
    private bool _wasTakenForLiteral;
    private MonotonicTime _probeAt = MonotonicTime.Never;
    private readonly KeepAliveSchedule _refreshes = new(TrackerClientTimings.RefreshPeriod, random);
    private TransportAddress? _seenAs;    // how the tracker saw this peer at the last refresh
    private MonotonicTime _lastSentAt;

    /// <summary>The address under which the tracker lists this peer; null before it told.</summary>
    public TransportAddress? ListedAddress { get; private set; }

    /// <summary>The tracker's relay; null when it has none, or has not been asked by <see cref="KeepPresent"/>.</summary>
    public RelayGrant? Relay { get; private set; }

    /// <summary>Whether the present tracker has said whether it has a relay.</summary>
    public bool IsRelayKnown { get; private set; }

    /// <summary>How many registrations stand, as far as is known.</summary>
    public int RegisteredCount => _book.RegisteredCount;

    /// <summary>How full its tables are; on the loop, or while it stands.</summary>
    public IEnumerable<TableUse> Tables =>
    [
        new("exchanges with the tracker", _exchanges.Count, TrackerExchangeTable.MaxExchanges), new("offers waiting", _offers.Count, MaxOffers),
        new("registrations", _book.Count, RegistrationBook.MaxRegistrations), new("registrations under way", _book.InFlight, RegistrationBook.MaxInFlight),
    ];

    /// <summary>Whether anything is to stand at the tracker.</summary>
    public bool HasRegistrations => _isPresent || _book.Count > 0;

    /// <summary>Which form of the protocol the tracker speaks.</summary>
    public TrackerDialect Dialect => _dialect;

    /// <summary>Whether requests are given up early, because there is another tracker to turn to. Default: false.</summary>
    public bool IsQuick { get; set; }

    private bool KeepsLease => _book.RegisteredCount > 0 || _isPresent;

    /// <inheritdoc/>
    public MonotonicTime? Deadline
    {
        get
        {
            if (_tracker is null) return null;
            MonotonicTime? earliest = !_exchanges.IsFull ? _book.Deadline : null;
            if (KeepsLease && !_refreshInFlight) earliest = MonotonicTime.Earlier(earliest, _refreshAt);
            if (MayProbe) earliest = MonotonicTime.Earlier(earliest, _probeAt);
            return MonotonicTime.Earlier(earliest, _exchanges.Deadline);
        }
    }

    /// <summary>Where the tracker is. Another one than before knows neither cookie nor registrations.</summary>
    public void SetTracker(MonotonicTime now, TransportAddress tracker)
    {
        if (_tracker == tracker) return;
        _tracker = tracker;
        _cookie = null;
        (_dialect, _wantsListForm, _wasTakenForLiteral) = (TrackerDialect.Unknown, false, false);
        Relay = null;
        _seenAs = null;
        IsRelayKnown = false;
        if (_isPresent) _refreshAt = now;
        _book.ForgetAll(now);
        _exchanges.RestartAll(now);
    }

    /// <summary>Where the tracker is; null before <see cref="SetTracker"/>.</summary>
    public TransportAddress? Tracker => _tracker;

    /// <summary>Asks everything again at once, because there is another way to the tracker now.</summary>
    public void SendAgain(MonotonicTime now)
    {
        _exchanges.RestartAll(now);
    }

    /// <summary>The address to register; null for the one that the tracker sees.</summary>
    public void SetPublicAddress(MonotonicTime now, TransportAddress? address)
    {
        if (_publicAddress == address) return;
        _publicAddress = address;
        _book.ForgetAll(now);
    }

    /// <summary>Keeps a lease from now on, with or without shares: peers can send offers then, and the tracker's relay serves this peer.</summary>
    public void KeepPresent(MonotonicTime now)
    {
        if (_isPresent) return;
        _isPresent = true;
        _refreshAt = now;
    }

    /// <summary>Starts an exchange; it ends in <see cref="TryTakeEnded"/>, at once with no answer when too many are under way.</summary>
    public void Start(MonotonicTime now, TrackerExchange exchange)
    {
        if (_exchanges.IsFull)
        {
            exchange.Status = TrackerExchangeStatus.NoAnswer;
            _ended.Enqueue(exchange);
            return;
        }

        exchange.InListForm = _wantsListForm;
        exchange.IsQuick |= IsQuick;
        _exchanges.Add(now, exchange);
    }

    /// <summary>Ends an exchange whose asker has gone.</summary>
    public void Cancel(TrackerExchange exchange) => _exchanges.Remove(exchange);

    /// <summary>Keeps this registered from now on; false when there are too many.</summary>
    public bool Announce(MonotonicTime now, Registration registration) => _book.Announce(now, registration);

    /// <summary>Whether the tracker holds a share, as far as is known.</summary>
    public bool IsRegistered(string name) => _book.IsRegistered(name);

    /// <summary>No longer registers a share.</summary>
    public void Withdraw(MonotonicTime now, string name)
    {
        if (!_book.Withdraw(name)) return;
        GiveUpRegistering(now, exchange => exchange.Registration?.Descriptor.Name == name);
        Start(now, new TrackerExchange(TrackerExchangeKind.Withdraw) { Name = name });
    }

    /// <summary>No longer registers anything, and tells the tracker; the exchange ends like any other.</summary>
    public void Leave(MonotonicTime now, TrackerExchange leave)
    {
        _book.Clear();
        _isPresent = false;
        GiveUpRegistering(now, exchange => exchange.Registration is not null);
        Start(now, leave);
    }

    /// <summary>Takes an exchange that has ended; registrations end inside.</summary>
    public bool TryTakeEnded(out TrackerExchange? exchange) => _ended.TryDequeue(out exchange);

    /// <summary>Takes an offer of another peer.</summary>
    public bool TryTakeOffer(out RendezvousOffer? offer) => _offers.TryDequeue(out offer);

    /// <inheritdoc/>
    public void HandleDatagram(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> datagram)
    {
        if (source != _tracker || !TrackerReplyParser.TryParse(datagram, out TrackerReply reply)) return;
        if (reply.Kind == TrackerReplyKind.Rendezvous)
        {
            TakeOffer(reply);
            return;
        }

        LearnDialect(now, reply);
        if (_exchanges.Find(reply) is not { } exchange) return;
        if (reply.Kind == TrackerReplyKind.Challenge && exchange.SentCookie is not null && exchange.SentCookie == _cookie)
        {
            // A cookie that was good and is no more: the tracker has restarted, or sees this peer at another address. Either way it does not know it.
            _book.ForgetAll(now);
        }

        if (reply.Extensions.HasCookie) _cookie = reply.Extensions.Cookie;
        switch (reply.Kind)
        {
            case TrackerReplyKind.Challenge: HandleChallenge(now, exchange); break;
            case TrackerReplyKind.Error: HandleError(now, exchange, reply); break;
            default: HandleResponse(now, exchange, reply); break;
        }
    }

    /// <inheritdoc/>
    public void HandleTimeout(MonotonicTime now)
    {
        if (_tracker is null) return;
        foreach (TrackerExchange exchange in _exchanges.All.Where(exchange => exchange.DueAt <= now).ToArray())
        {
            HandleSilence(now, exchange);
        }

        if (MayProbe && _probeAt <= now) Probe(now);
        if (KeepsLease && !_refreshInFlight && _refreshAt <= now && !_exchanges.IsFull) RenewLease(now);

        while (!_exchanges.IsFull && _book.TakeDue(now) is { } due)
        {
            Start(now, new TrackerExchange(TrackerExchangeKind.Register) { Registration = due });
        }
    }

    /// <inheritdoc/>
    public bool PollTransmit(MonotonicTime now, Span<byte> buffer, out Transmit transmit)
    {
        transmit = default;
        if (_tracker is not { } tracker) return false;
        foreach (TrackerExchange exchange in _exchanges.All)
        {
            if (exchange.DueAt > now || exchange.Sends == exchange.WaitsMicros.Length || WaitsForItsTurn(exchange)) continue;
            if (exchange.Registration is { } state && exchange.SentRevision != state.Revision)
            {
                // It says more than it did: a late answer to what it said before must not confirm the rest.
                if (exchange.SentRevision >= 0) _exchanges.Renumber(exchange);
                exchange.SentRevision = state.Revision;
            }

            exchange.IsLiteral = IsLiteralNow(exchange);
            exchange.SentCookie = exchange.IsLiteral ? null : _cookie;
            int bytes = TrackerRequestComposer.Compose(
                buffer, exchange, self, _cookie, _publicAddress, (int)TrackerClientTimings.Lease.TotalSeconds);
            exchange.DueAt = now + Jittered(TimeSpan.FromMicroseconds(exchange.WaitsMicros[exchange.Sends++]));
            exchange.IdleBefore ??= now - _lastSentAt;
            _lastSentAt = now;
            transmit = new Transmit(tracker, bytes);
            return true;
        }

        return false;
    }

    // A reply without the id that stood in the request: this tracker knows no extensions, and what it made of them is not to be relied on.
    private void LearnDialect(MonotonicTime now, in TrackerReply reply)
    {
        if (!reply.Extensions.Id.IsEmpty)
        {
            _dialect = TrackerDialect.Extended;
            if (!_wasTakenForLiteral) return;
            _wasTakenForLiteral = false;
            _refreshAt = now + Jittered(TrackerClientTimings.RefreshPeriod);
            _book.ForgetAll(now);
            foreach (TrackerExchange other in _exchanges.All.Where(other => other.IsLiteral)) other.Restart(now);
            return;
        }

        if (_dialect != TrackerDialect.Unknown || reply.Kind == TrackerReplyKind.Challenge) return;
        _dialect = TrackerDialect.Literal;
        _wasTakenForLiteral = true;
        _probeAt = now + Jittered(TrackerClientTimings.ProbePeriod);
        _exchanges.RestartAll(now);
    }

    private bool IsLiteralNow(TrackerExchange exchange)
    {
        if (_dialect == TrackerDialect.Literal) return exchange.HasLiteralForm;
        return exchange.IsQuestion && exchange.Page.Length == 0 && exchange.Sends >= TrackerClientTimings.ExtendedSends;
    }

    // Without ids, replies are told apart by asking one thing at a time; what waits is due when the other is.
    private bool WaitsForItsTurn(TrackerExchange exchange) =>
        _dialect == TrackerDialect.Literal && exchange.HasLiteralForm && _exchanges.WaitsForItsTurn(exchange);

    private void HandleSilence(MonotonicTime now, TrackerExchange exchange)
    {
        if (_dialect == TrackerDialect.Literal && !exchange.HasLiteralForm)
        {
            exchange.ErrorReason = "it knows no extensions";
            End(now, exchange, TrackerExchangeStatus.Refused);
            return;
        }

        if (exchange is { IsLiteral: true, IsQuestion: false, Sends: > 0 })
        {
            // The existing implementation answers no registration, and wants another form than the original's: that is tried before silence counts as yes.
            bool tryList = exchange.Kind == TrackerExchangeKind.Register && !exchange.InListForm && _publicAddress is not null;
            if (tryList) exchange.InListForm = _wantsListForm = true;
            else End(now, exchange, TrackerExchangeStatus.Answered);
            return;
        }

        if (exchange.Sends != exchange.WaitsMicros.Length) return;
        _dialect = TrackerDialect.Unknown;
        End(now, exchange, TrackerExchangeStatus.NoAnswer);

        // Some trackers leave registrations unanswered, and only a question tells that they are there.
        bool probes = exchange.Kind == TrackerExchangeKind.Register && !_exchanges.All.Any(other => other.IsQuestion);
        if (probes) Start(now, new TrackerExchange(TrackerExchangeKind.List));
    }

    // Whoever forges this peer's address can make a tracker answer it without extensions: what was learned from that is looked into again.
    private bool MayProbe => _wasTakenForLiteral && (KeepsLease || _exchanges.Count > 0) && !_exchanges.IsFull;

    private void Probe(MonotonicTime now)
    {
        _probeAt = now + Jittered(TrackerClientTimings.ProbePeriod);
        Start(now, new TrackerExchange(TrackerExchangeKind.Refresh) { IsProbe = true });
    }

    private void RenewLease(MonotonicTime now)
    {
        if (_dialect == TrackerDialect.Literal)
        {
            _refreshAt = now + TrackerClientTimings.LiteralRepeatPeriod;
            _book.ForgetAll(now);
            return;
        }

        _refreshInFlight = true;
        bool wantsRelay = Relay is not { } grant || grant.ExpiresAt - now < TrackerClientTimings.RelayRenewal;
        Start(now, new TrackerExchange(TrackerExchangeKind.Refresh) { WantsRelay = _isPresent && wantsRelay });
    }

    private void HandleChallenge(MonotonicTime now, TrackerExchange exchange)
    {
        // A tracker that never takes its own cookie must not make this a loop; after some rounds the waits of a lost request count.
        if (++_cookieRounds > MaxCookieRounds * (1 + _exchanges.Count)) return;
        exchange.DueAt = now;
        exchange.Sends = Math.Max(0, exchange.Sends - 1);
    }

    private void HandleError(MonotonicTime now, TrackerExchange exchange, in TrackerReply reply)
    {
        exchange.ErrorCode = reply.ErrorCode;
        exchange.ErrorReason = Encoding.UTF8.GetString(reply.Body);
        if (reply.ErrorCode == TrackerErrorCode.Forbidden && exchange.Kind == TrackerExchangeKind.Register && _publicAddress is not null)
        {
            // The tracker sees this peer elsewhere than STUN does; what the tracker sees is what it lists.
            _publicAddress = null;
            exchange.Restart(now);
            return;
        }

        if (reply.ErrorCode == TrackerErrorCode.Forbidden && exchange.Kind == TrackerExchangeKind.Offer && ++exchange.Introductions <= MaxIntroductions)
        {
            // Offers are for peers that the tracker knows: this one introduces itself, and stays known from now on.
            _isPresent = true;
            _refreshAt = now;
            exchange.Sends = 0;
            exchange.DueAt = now + TrackerClientTimings.IntroductionPeriod;
            return;
        }

        bool tryList = exchange is { IsLiteral: true, Kind: TrackerExchangeKind.Register, InListForm: false } && _publicAddress is not null;
        if (tryList)
        {
            exchange.InListForm = _wantsListForm = true;
            exchange.Restart(now);
            return;
        }

        End(now, exchange, TrackerExchangeStatus.Refused);
    }

    private void HandleResponse(MonotonicTime now, TrackerExchange exchange, in TrackerReply reply)
    {
        _cookieRounds = 0;
        if (!reply.Extensions.Address.IsUnspecified) ListedAddress = reply.Extensions.Address;
        if (exchange.WantsRelay) (IsRelayKnown, Relay) = (true, TrackerReplyBodies.TakeRelay(now, reply.Extensions) ?? Relay);
        if (exchange.Kind == TrackerExchangeKind.Refresh && reply.Extensions.HasFiles && reply.Extensions.Files < _book.RegisteredCount)
        {
            _book.ForgetAll(now);
        }

        if (!TrackerReplyBodies.TryTake(exchange, reply)) return;
        bool hasMore = !reply.Extensions.Next.IsEmpty && ++exchange.PagesRead < TrackerExchange.MaxPages;
        if (!hasMore)
        {
            End(now, exchange, TrackerExchangeStatus.Answered);
            return;
        }

        // A new number, so that a late copy of this page is not taken for the next one.
        exchange.Page = reply.Extensions.Next.ToArray();
        exchange.Restart(now);
        _exchanges.Renumber(exchange);
    }

    private void TakeOffer(in TrackerReply reply)
    {
        if (_offers.Count < MaxOffers && TrackerReplyBodies.TakeOffer(reply) is { } offer) _offers.Enqueue(offer);
    }

    private void End(MonotonicTime now, TrackerExchange exchange, TrackerExchangeStatus status)
    {
        exchange.Status = status;
        _exchanges.Remove(exchange);
        switch (exchange.Kind)
        {
            case TrackerExchangeKind.Register:
                _book.HandleEnd(now, exchange, status);
                if (_refreshAt == MonotonicTime.Never)
                {
                    bool isLiteral = _dialect == TrackerDialect.Literal;
                    _refreshAt = now + (isLiteral ? Jittered(TrackerClientTimings.LiteralRepeatPeriod) : _refreshes.NextWait());
                }

                break;
            case TrackerExchangeKind.Refresh when exchange.IsProbe:
                return;
            case TrackerExchangeKind.Refresh:
                _refreshInFlight = false;
                if (status == TrackerExchangeStatus.Refused) _book.ForgetAll(now);
                if (status == TrackerExchangeStatus.Answered) LearnLifetime(exchange);
                _refreshAt = now + (status == TrackerExchangeStatus.Answered ? _refreshes.NextWait() : Jittered(TrackerClientTimings.RetryPeriod));
                break;
            case TrackerExchangeKind.Withdraw:
                // Sent again, it may have undone what was registered under this name since it was first sent.
                _book.Forget(now, exchange.Name);
                return;
        }

        _ended.Enqueue(exchange);
    }

    // Said again after a withdrawal, a registration would undo that.
    private void GiveUpRegistering(MonotonicTime now, Func<TrackerExchange, bool> isStale)
    {
        foreach (TrackerExchange exchange in _exchanges.All.Where(isStale).ToArray()) End(now, exchange, TrackerExchangeStatus.NoAnswer);
    }

    // An address that this peer named itself tells nothing about the mapping.
    private void LearnLifetime(TrackerExchange refresh)
    {
        TransportAddress? before = _seenAs;
        _seenAs = _publicAddress is null ? ListedAddress : null;
        if (_seenAs is not { } now || before is not { } then || now.AddressBits != then.AddressBits || refresh.IdleBefore is not { } idle) return;
        _refreshes.HandleRound(idle, now == then);
    }

    private TimeSpan Jittered(TimeSpan span) => span * (1 + (((random.NextDouble() * 2) - 1) * TrackerClientTimings.Jitter));
}
