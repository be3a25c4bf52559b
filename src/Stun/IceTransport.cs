using CS3103P2P.Protocol;
using CS3103P2P.Stun.Connections;
using CS3103P2P.Stun.Ice;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Stun;

/// <summary>
/// Connects to peers behind NATs by ICE (RFC 8445) over a socket shared with other protocols: gathers candidates, exchanges offers by whatever carries them,
/// finds and keeps paths. Each connection has one lasting address, to which uTP connects when its options name this object as its paths. Thread-safe.
/// </summary>
public sealed partial class IceTransport : IDatagramPaths, IStunAgent, IAsyncDisposable
{
    private const int MaxUndelivered = 3;
    private const int FragmentLength = 8;
    private const int PasswordLength = 24;
    private const string IceCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    private readonly StunClient _stun;
    private readonly DatagramEndpoint _endpoint;
    private readonly IceTransportOptions _options;
    private readonly RelayKeeper _relay;
    private readonly CandidateGatherer _gatherer;
    private readonly SessionTable _sessions = new();
    private readonly Queue<IceSession> _touched = new();
    private readonly List<IceSession> _scratch = [];
    private readonly CancellationTokenSource _stop = new();
    private MonotonicTime? _earliest;
    private bool _earliestIsStale;
    private bool _isRefreshing, _refreshAgain, _refreshAsks, _isClosed;
    private int _disposed;

    /// <summary>Makes a transport over a socket; both stay the caller's, and the socket must outlive it.</summary>
    /// <param name="stun">All STUN of the socket.</param>
    /// <param name="options">Where candidates come from; the defaults when null.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public IceTransport(StunClient stun, IceTransportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stun);
        _options = options ?? new IceTransportOptions();
        _options.Validate();
        _stun = stun;
        _endpoint = stun.Endpoint;
        _relay = new RelayKeeper(stun, _options, HandleRelayed, RequestUpdate);
        _gatherer = new CandidateGatherer(stun, _options, _relay, RequestUpdate, RequestRefresh);
        _pending = new PendingTable(_options.MaxPending);
        _endpoint.TryPost(Attach);
    }

    /// <summary>Is called, on the socket's loop, when a connection that the peer asked for works.</summary>
    public event Action<IceConnection>? Accepted;

    /// <summary>Is called, on the socket's loop, when a connection that the peer alone asked for does not come about.</summary>
    public event Action<PeerId, IceFailure>? Refused;

    /// <inheritdoc/>
    public event Action<TransportAddress>? PathChanged;

    /// <summary>Connects to a peer; several calls for one peer share a connection.</summary>
    /// <param name="remote">The peer.</param>
    /// <param name="sendOffer">Carries offers to it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A connection as soon as any path works, or why none does; what the network does never throws.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<IceConnectResult> ConnectAsync(PeerId remote, IceOfferSender sendOffer, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sendOffer);
        IceSession? session = null;
        try
        {
            session = await _endpoint.InvokeAsync(() => GetOrAdd(remote, sendOffer)).ConfigureAwait(false);
            if (session is null) return new IceConnectResult(null, new IceFailure(IceFailureReason.TooMany, default, default));
            return await session.Connected.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            return new IceConnectResult(null, new IceFailure(IceFailureReason.Closed, default, default));
        }
        catch (OperationCanceledException)
        {
            _endpoint.TryPost(() =>
            {
                if (!session!.HasBeenConnected) End(session, IceFailureReason.Closed);
            });
            throw;
        }
    }

    /// <summary>Takes an offer that a peer sent: an answer to ours, news, or the wish to connect.</summary>
    /// <param name="from">Who says it is from.</param>
    /// <param name="offer">The bytes; ignored when malformed.</param>
    /// <param name="sendAnswer">Carries offers back.</param>
    public void HandleOffer(PeerId from, ReadOnlyMemory<byte> offer, IceOfferSender sendAnswer)
    {
        ArgumentNullException.ThrowIfNull(sendAnswer);
        if (!IceOfferCodec.TryParse(offer.Span, out IceOffer? parsed)) return;
        _endpoint.TryPost(() => HandleOffer(from, sendAnswer, parsed));
    }

    /// <summary>Gathers anew, because the network may have changed; also done by itself when the system or a source says so.</summary>
    public void RequestRefresh() => _endpoint.TryPost(() => Refresh(asks: true));

    /// <summary>Asks for a relay now, so that one is there when a connection needs it. Harmless when repeated.</summary>
    public void PrepareRelay() => _relay.EnsureStarted();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _gatherer.Dispose();
        await _stop.CancelAsync().ConfigureAwait(false);
        try
        {
            await _endpoint.InvokeAsync(Close).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            Close();   // the loop is gone, so nobody else touches the sessions
        }

        await _relay.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    /// <inheritdoc/>
    MonotonicTime? IStunAgent.Deadline
    {
        get
        {
            if (!_earliestIsStale) return _earliest;
            _earliest = _pending.Deadline;
            foreach (IceSession session in _sessions.All) _earliest = MonotonicTime.Earlier(_earliest, session.Deadline);
            _earliestIsStale = false;
            return _earliest;
        }
    }

    /// <inheritdoc/>
    bool IStunAgent.HandleMessage(MonotonicTime now, TransportAddress source, in StunMessage message) =>
        Route(now, IcePaths.SharedSocket, source, message);

    /// <inheritdoc/>
    void IStunAgent.HandleTimeout(MonotonicTime now)
    {
        _pending.Expire(now);
        _earliestIsStale = true;
        _scratch.Clear();
        _scratch.AddRange(_sessions.All);
        foreach (IceSession session in _scratch)
        {
            if (session.Deadline is not { } due || due > now) continue;
            session.Agent?.HandleTimeout(now);
            if (session.NextOfferAt is { } offerAt && offerAt <= now) SendOffer(now, session);
            Touch(session);
        }
    }

    /// <inheritdoc/>
    bool IStunAgent.PollTransmit(MonotonicTime now, Span<byte> buffer, out Transmit transmit)
    {
        if (PollEarlyCheck(buffer, out transmit)) return true;
        while (_touched.TryPeek(out IceSession? session))
        {
            _earliestIsStale = true;   // what is sent moves its own repetition; somebody may have asked for the deadline since the touch
            session.Invalidate();
            IceAgent agent = session.Agent!;
            while (agent.PollTransmit(now, buffer, out IceTransmit check))
            {
                transmit = new Transmit(check.Destination, check.Bytes);
                if (check.Path == IcePaths.SharedSocket) return true;
                SendElsewhere(session, check.Path, check.Destination, buffer[..check.Bytes]);
            }

            IceEvents events = agent.TakeEvents();
            if (events != IceEvents.None)
            {
                Handle(now, session, events);
                continue;
            }

            _touched.Dequeue();
            session.IsTouched = false;
        }

        transmit = default;
        return false;
    }

    /// <inheritdoc/>
    bool IDatagramPaths.TryGetLastingAddress(TransportAddress source, out TransportAddress lasting)
    {
        IceSession? session = _sessions.FindPath(IcePaths.SharedSocket, source);
        lasting = session?.Connection.Address ?? default;
        return session is not null;
    }

    /// <inheritdoc/>
    bool IDatagramPaths.TryRoute(ReadOnlySpan<byte> datagrams, ref Transmit transmit)
    {
        if (!SessionTable.IsLasting(transmit.Destination)) return true;
        IceSession? session = _sessions.FindLasting(transmit.Destination);
        if (session?.Agent?.Selected is not { } path) return false;
        if (path.Path == IcePaths.SharedSocket)
        {
            transmit = transmit with { Destination = path.Remote };
            return true;
        }

        while (!datagrams.IsEmpty)
        {
            int bytes = Math.Min(transmit.SegmentBytes, datagrams.Length);
            SendElsewhere(session, path.Path, path.Remote, datagrams[..bytes]);
            datagrams = datagrams[bytes..];
        }

        return false;
    }

    // A source has told what it knows; nobody need be asked.
    private void RequestUpdate() => _endpoint.TryPost(() => Refresh(asks: false));

    /// <summary>The connections that there are, with their agents as far as there are any; on the loop, or while it stands.</summary>
    internal IEnumerable<(PeerId Remote, IceAgent? Agent)> Connections => _sessions.All.Select(session => (session.Remote, session.Agent));

    /// <summary>How full its tables are; on the loop, or while it stands.</summary>
    internal IEnumerable<TableUse> Tables =>
    [
        new("ICE sessions", _sessions.Count, _options.MaxConnections), new("unproven ICE sessions", _sessions.CountUnproven(), _options.MaxUnproven),
        new("ICE fragments", _sessions.FragmentCount, _sessions.Count), new("strangers' offers", _pending.Count, _options.MaxPending),
        new("strangers by age", _pending.AgedCount, _pending.MaxAged), new("early checks", _earlyChecks.Count, MaxEarlyChecks),
        new("relay peers", _relay.PeerCount, TurnClientPeers.MaxPeers),
        .. _sessions.All.Where(session => session.Agent is not null).Select(session => new TableUse("ICE pairs", session.Agent!.PairCount, IcePairTable.MaxPairs)),
    ];

    private void Attach()
    {
        if (!_stun.Multiplexer.TryAttach(this, first: true)) _options.Logger.LogError("The socket has too many STUN agents for ICE.");
    }

    private void Close()
    {
        _isClosed = true;
        foreach (IceSession session in _sessions.All.ToArray()) End(session, IceFailureReason.Closed);
        _stun.Multiplexer.Detach(this);
    }
}
