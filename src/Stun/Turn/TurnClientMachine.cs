using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun;

/// <summary>
/// The client's side of one TURN allocation (RFC 8656): asks for a relayed address, keeps it, its permissions and its channels alive, and carries
/// data to and from peers. Owned by one loop; not thread-safe.
/// </summary>
/// <remarks>
/// Over UDP it is an agent of the socket's <see cref="StunMultiplexer"/>, and ChannelData goes to <see cref="HandleChannelData"/>. A peer gets a channel
/// at once, which includes the permission; when the server refuses the channel, a permission and Send indications serve.
/// </remarks>
public sealed class TurnClientMachine : IStunAgent
{
    /// <summary>Most data that one call of <see cref="TrySend"/> takes, in bytes.</summary>
    public const int MaxDataBytes = 1460;

    private const int MaxAttempts = 3;                // of one request, for new nonces
    private const int QueueBytes = 512 << 10;
    private const int MaxQueuedDatagrams = 512;
    private const int IndicationOverheadBytes = 20 + 4 + AddressAttribute.IPv6Bytes + 4 + 3;

    // Permissions last 5 minutes and channels 10 (RFC 8656 §9, §12); renewing a channel renews its permission.
    private static readonly TimeSpan PeerRenewal = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan RefreshMargin = TimeSpan.FromMinutes(1);

    private static readonly StunAttributeType[] KnownInResponses =
    [
        StunAttributeType.XorMappedAddress, StunAttributeType.MappedAddress, StunAttributeType.XorRelayedAddress, StunAttributeType.Lifetime,
        StunAttributeType.Realm, StunAttributeType.Nonce, StunAttributeType.ErrorCode, StunAttributeType.UnknownAttributes,
        StunAttributeType.MessageIntegrity, StunAttributeType.MessageIntegritySha256, StunAttributeType.ReservationToken,
        StunAttributeType.Username, StunAttributeType.PasswordAlgorithm,
    ];

    private readonly TransportAddress _server;
    private readonly TurnClientSettings _settings;
    private readonly Func<StunTransactionId> _newId;
    private readonly ITurnClientHandler _handler;
    private readonly TurnClientAuthentication _authentication;
    private readonly TurnClientPeers _peers = new();
    private readonly List<TurnRequest> _requests = [];      // at most one a peer, and one for the allocation
    private readonly List<TurnClientPeer> _toRenew = [];
    private readonly DatagramQueue _data = new(QueueBytes, MaxQueuedDatagrams);
    private MonotonicTime? _refreshAt;
    private MonotonicTime? _earliestRenewal;
    private bool _isRenewalStale;
    private bool _triedToFreeAddress;
    private bool _mayHaveSendDue;

    /// <summary>Prepares a client; <see cref="Start"/> sends the first request.</summary>
    /// <param name="server">The server.</param>
    /// <param name="settings">How to allocate.</param>
    /// <param name="newId">Makes transaction ids that nobody can predict.</param>
    /// <param name="handler">Is told what happens.</param>
    public TurnClientMachine(TransportAddress server, TurnClientSettings settings, Func<StunTransactionId> newId, ITurnClientHandler handler)
    {
        ArgumentNullException.ThrowIfNull(settings);
        settings.Validate();
        _server = server;
        _settings = settings;
        _newId = newId;
        _handler = handler;
        _authentication = new TurnClientAuthentication(settings.Credentials);
    }

    /// <summary>Where the allocation stands.</summary>
    public TurnClientState State { get; private set; }

    /// <summary>The address at which peers reach this client; known once ready.</summary>
    public TransportAddress RelayedAddress { get; private set; }

    /// <summary>The client's own address as the server sees it; known once ready.</summary>
    public TransportAddress MappedAddress { get; private set; }

    /// <summary>Why the allocation failed; null unless it has.</summary>
    public TurnFailure? Failure { get; private set; }

    /// <summary>Datagrams that the full queue dropped.</summary>
    public long Dropped { get; private set; }

    /// <inheritdoc/>
    public MonotonicTime? Deadline
    {
        get
        {
            MonotonicTime? deadline = State == TurnClientState.Ready ? _refreshAt : null;
            foreach (TurnRequest request in _requests) deadline = MonotonicTime.Earlier(deadline, request.Transaction!.Deadline);
            if (State != TurnClientState.Ready) return deadline;
            if (_isRenewalStale) FindEarliestRenewal();
            return MonotonicTime.Earlier(deadline, _earliestRenewal);
        }
    }

    /// <summary>How full its tables are; on the loop, or while it stands.</summary>
    internal IEnumerable<TableUse> Tables =>
    [
        new("TURN peers", _peers.All.Count, TurnClientPeers.MaxPeers), new("TURN requests", _requests.Count, _peers.All.Count + 1), new("TURN data waiting", _data.Count, MaxQueuedDatagrams),
    ];

    /// <summary>Asks for the allocation.</summary>
    /// <exception cref="InvalidOperationException">The client was started before.</exception>
    public void Start(MonotonicTime now)
    {
        if (State != TurnClientState.Idle) throw new InvalidOperationException("The client was started already.");
        ChangeState(now, TurnClientState.Allocating);
        Send(now, new TurnRequest(StunMethod.Allocate, null, LifetimeSeconds));
    }

    /// <summary>Gives the allocation back.</summary>
    public void Close(MonotonicTime now)
    {
        if (State is not (TurnClientState.Ready or TurnClientState.Allocating)) return;
        bool isReady = State == TurnClientState.Ready;
        _requests.Clear();
        ChangeState(now, isReady ? TurnClientState.Closing : TurnClientState.Closed);
        if (isReady) Send(now, new TurnRequest(StunMethod.Refresh, null, 0));
    }

    /// <summary>Fails the allocation: the way to the server is gone.</summary>
    public void Abort(MonotonicTime now)
    {
        if (State is TurnClientState.Closed or TurnClientState.Failed) return;
        Failure = new TurnFailure(StunOutcome.Closed);
        _requests.Clear();
        ChangeState(now, TurnClientState.Failed);
    }

    /// <summary>Asks the relay to carry data to and from a peer; the handler is told when it does. Harmless when it does already.</summary>
    /// <returns>False when the allocation is not ready or has too many peers.</returns>
    public bool TryAddPeer(MonotonicTime now, TransportAddress peer)
    {
        if (State != TurnClientState.Ready) return false;
        if (_peers.TryGet(peer, out _)) return true;
        if (_peers.Add(now, peer, _settings.UseChannels) is not { } added) return false;
        Renew(now, added);
        return true;
    }

    /// <summary>Lets a peer's permission and channel run out.</summary>
    public void RemovePeer(MonotonicTime now, TransportAddress peer)
    {
        if (!_peers.TryGet(peer, out TurnClientPeer? known)) return;
        _requests.RemoveAll(r => r.Peer == known);
        _peers.Remove(now, known!);
        _isRenewalStale = true;
    }

    /// <summary>
    /// Asks the server at once whether it still has the allocation: one that knows this side by another address refuses (437), and the allocation is lost.
    /// </summary>
    public void Verify(MonotonicTime now)
    {
        if (State != TurnClientState.Ready || _refreshAt is null) return;
        _refreshAt = null;
        Send(now, new TurnRequest(StunMethod.Refresh, null, LifetimeSeconds));
    }

    /// <summary>Queues data for a peer, as an unreliable datagram.</summary>
    /// <returns>False when the peer is not ready, the data too long, or the queue full.</returns>
    public bool TrySend(TransportAddress peer, ReadOnlySpan<byte> data)
    {
        if (State != TurnClientState.Ready || data.Length > MaxDataBytes) return false;
        if (!_peers.TryGet(peer, out TurnClientPeer? known) || !known!.IsPermitted) return false;
        bool queued = known.IsBound ? TryQueueChannelData(known.Channel, data) : TryQueueIndication(peer, data);
        if (!queued) Dropped++;
        return queued;
    }

    /// <inheritdoc/>
    public bool HandleMessage(MonotonicTime now, TransportAddress source, in StunMessage message)
    {
        if (source != _server) return false;
        if (message.Class == StunClass.Indication) return message.Method == StunMethod.Data && HandleDataIndication(now, message);
        if (!message.IsResponse) return false;
        StunTransactionId id = message.TransactionId;
        int index = _requests.FindIndex(r => r.Transaction!.Id == id);
        if (index < 0 || _requests[index].Method != message.Method) return false;
        TurnRequest request = _requests[index];
        bool isSuccess = message.Class == StunClass.SuccessResponse;

        // A success that is not signed as the request was is forged; the true answer may still come (RFC 8489 §9.2.5).
        if (isSuccess && request.IsSigned && !_authentication.Verify(message)) return true;
        _requests.RemoveAt(index);
        if (UnknownAttributes.Any(message, KnownInResponses)) HandleFailure(now, request, new TurnFailure(StunOutcome.UnknownAttribute));
        else if (isSuccess) HandleSuccess(now, request, message);
        else HandleError(now, request, message);
        return true;
    }

    /// <summary>Takes a ChannelData message; false when it is not from this client's server or names no channel of its own.</summary>
    public bool HandleChannelData(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> frame)
    {
        if (source != _server || !ChannelData.TryRead(frame, out int channel, out ReadOnlySpan<byte> data)) return false;
        if (_peers.ByChannel(channel) is not { } peer) return false;
        _handler.HandleData(now, peer.Address, data);
        return true;
    }

    /// <inheritdoc/>
    public void HandleTimeout(MonotonicTime now)
    {
        for (int i = _requests.Count - 1; i >= 0 && i < _requests.Count; i--)
        {
            TurnRequest request = _requests[i];
            request.Transaction!.HandleTimeout(now);
            _mayHaveSendDue = true;
            if (!request.Transaction.HasFailed) continue;
            _requests.RemoveAt(i);
            HandleFailure(now, request, new TurnFailure(StunOutcome.TimedOut));
        }

        if (State != TurnClientState.Ready) return;
        if (_refreshAt is { } due && due <= now)
        {
            _refreshAt = null;
            Send(now, new TurnRequest(StunMethod.Refresh, null, LifetimeSeconds));
        }

        if (!_isRenewalStale && !(_earliestRenewal <= now)) return;

        // A renewal that cannot be encoded removes its peer, so the table is not walked meanwhile.
        _toRenew.Clear();
        foreach (TurnClientPeer peer in _peers.All)
        {
            if (peer.RenewAt is { } renewAt && renewAt <= now) _toRenew.Add(peer);
        }

        foreach (TurnClientPeer peer in _toRenew) Renew(now, peer);
    }

    /// <inheritdoc/>
    public bool PollTransmit(MonotonicTime now, Span<byte> buffer, out Transmit transmit)
    {
        if (_mayHaveSendDue)
        {
            foreach (TurnRequest request in _requests)
            {
                if (request.Transaction!.PollTransmit(now, buffer, out transmit)) return true;
            }

            _mayHaveSendDue = false;
        }

        return _data.TryDequeue(buffer, out transmit);
    }

    private uint LifetimeSeconds => (uint)_settings.Lifetime.TotalSeconds;

    private void Send(MonotonicTime now, TurnRequest request)
    {
        if (!request.TryEncode(_newId(), _server, _settings, _authentication, now))
        {
            HandleFailure(now, request, new TurnFailure(StunOutcome.Malformed));
            return;
        }

        _requests.Add(request);
        _mayHaveSendDue = true;
    }

    private void FindEarliestRenewal()
    {
        _earliestRenewal = null;
        foreach (TurnClientPeer peer in _peers.All) _earliestRenewal = MonotonicTime.Earlier(_earliestRenewal, peer.RenewAt);
        _isRenewalStale = false;
    }

    private void Renew(MonotonicTime now, TurnClientPeer peer)
    {
        peer.RenewAt = null;
        _isRenewalStale = true;
        Send(now, new TurnRequest(peer.Channel != 0 ? StunMethod.ChannelBind : StunMethod.CreatePermission, peer, 0));
    }

    private void HandleSuccess(MonotonicTime now, TurnRequest request, in StunMessage response)
    {
        switch (request.Method)
        {
            case StunMethod.Allocate:
                HandleAllocated(now, request, response);
                break;
            case StunMethod.Refresh when State == TurnClientState.Closing:
                ChangeState(now, TurnClientState.Closed);
                break;
            case StunMethod.Refresh when request.LifetimeSeconds == 0:
                Send(now, new TurnRequest(StunMethod.Allocate, null, LifetimeSeconds));
                break;
            case StunMethod.Refresh:
                ScheduleRefresh(now, response);
                break;
            default:
                HandlePeerReady(now, request);
                break;
        }
    }

    private void HandleAllocated(MonotonicTime now, TurnRequest request, in StunMessage response)
    {
        if (!response.TryGetXorAddress(StunAttributeType.XorRelayedAddress, out TransportAddress relayed) || relayed.Port == 0)
        {
            HandleFailure(now, request, new TurnFailure(StunOutcome.Malformed));
            return;
        }

        RelayedAddress = relayed;
        if (response.TryGetMappedAddress(out TransportAddress mapped)) MappedAddress = mapped;
        ScheduleRefresh(now, response);
        ChangeState(now, TurnClientState.Ready);
    }

    private void ScheduleRefresh(MonotonicTime now, in StunMessage response)
    {
        if (!response.TryGetUInt32(StunAttributeType.Lifetime, out uint seconds)) seconds = LifetimeSeconds;
        TimeSpan lifetime = TimeSpan.FromSeconds(seconds);
        TimeSpan margin = lifetime / 4 < RefreshMargin ? lifetime / 4 : RefreshMargin;
        _refreshAt = now + (lifetime - margin);
    }

    private void HandlePeerReady(MonotonicTime now, TurnRequest request)
    {
        TurnClientPeer peer = request.Peer!;
        bool isNew = !peer.IsPermitted;
        peer.IsPermitted = true;
        peer.IsBound = request.Method == StunMethod.ChannelBind;
        peer.RenewAt = now + PeerRenewal;
        _isRenewalStale = true;
        if (isNew) _handler.HandlePeer(now, peer.Address, null);
    }

    private void HandleError(MonotonicTime now, TurnRequest request, in StunMessage response)
    {
        if (!response.TryGetErrorCode(out int code))
        {
            HandleFailure(now, request, new TurnFailure(StunOutcome.Malformed));
            return;
        }

        bool asksAgain = code == StunErrorCodes.StaleNonce || (code == StunErrorCodes.Unauthenticated && !request.IsSigned);
        if (asksAgain && request.Attempts < MaxAttempts && _authentication.TryLearn(response))
        {
            Send(now, request);
            return;
        }

        // A former run on this port may have left an allocation behind; it is freed first.
        if (code == StunErrorCodes.AllocationMismatch && request.Method == StunMethod.Allocate && !_triedToFreeAddress)
        {
            _triedToFreeAddress = true;
            Send(now, new TurnRequest(StunMethod.Refresh, null, 0));
            return;
        }

        bool hasAlternate = response.TryGetAddress(StunAttributeType.AlternateServer, out TransportAddress alternate);
        bool tryAlternate = code == StunErrorCodes.TryAlternate && hasAlternate;
        HandleFailure(now, request, new TurnFailure(StunOutcome.Refused, code, tryAlternate ? alternate : null));
    }

    private void HandleFailure(MonotonicTime now, TurnRequest request, TurnFailure failure)
    {
        if (request.Peer is { } peer)
        {
            HandlePeerFailure(now, request, peer, failure);
        }
        else if (State == TurnClientState.Closing)
        {
            ChangeState(now, TurnClientState.Closed);
        }
        else
        {
            Failure = failure;
            _requests.Clear();
            ChangeState(now, TurnClientState.Failed);
        }
    }

    private void HandlePeerFailure(MonotonicTime now, TurnRequest request, TurnClientPeer peer, TurnFailure failure)
    {
        // What concerns the channel alone leaves the way by permission; what concerns the peer (403, 443) does not.
        bool channelOnly = failure.ErrorCode is StunErrorCodes.BadRequest or StunErrorCodes.InsufficientCapacity;
        if (request.Method == StunMethod.ChannelBind && channelOnly)
        {
            _peers.ReleaseChannel(now, peer);
            Renew(now, peer);
            return;
        }

        _peers.Remove(now, peer);
        _isRenewalStale = true;
        _handler.HandlePeer(now, peer.Address, failure);
    }

    private bool HandleDataIndication(MonotonicTime now, in StunMessage message)
    {
        if (!message.TryGetXorAddress(StunAttributeType.XorPeerAddress, out TransportAddress peer)) return true;
        if (!message.TryGet(StunAttributeType.Data, out ReadOnlySpan<byte> data)) return true;
        _handler.HandleData(now, peer, data);
        return true;
    }

    private bool TryQueueChannelData(int channel, ReadOnlySpan<byte> data)
    {
        if (!_data.TryReserve(_server, ChannelData.FrameBytes(data.Length, _settings.IsStream), out Span<byte> place)) return false;
        ChannelData.Write(place, channel, data);
        return true;
    }

    private bool TryQueueIndication(TransportAddress peer, ReadOnlySpan<byte> data)
    {
        Span<byte> buffer = stackalloc byte[MaxDataBytes + IndicationOverheadBytes];
        var writer = new StunMessageWriter(buffer, StunClass.Indication, StunMethod.Send, _newId());
        writer.WriteXorAddress(StunAttributeType.XorPeerAddress, peer);
        writer.Write(StunAttributeType.Data, data);
        return writer.TryFinish(out int bytes) && _data.TryEnqueue(_server, buffer[..bytes]);
    }

    private void ChangeState(MonotonicTime now, TurnClientState state)
    {
        if (State == state) return;
        State = state;
        _handler.HandleState(now, state);
    }
}
