using System.Buffers.Binary;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun;

/// <summary>
/// A TURN server without I/O (RFC 8656): allocations, permissions, channels, quotas; also answers Binding requests. Every input brings about at
/// most one output, which it writes at once. Not thread-safe.
/// </summary>
public sealed class TurnServerMachine
{
    /// <summary>An output is never longer, in bytes, than the input and this.</summary>
    public const int MaxOverheadBytes = StunResponder.MaxReplyBytes;

    /// <summary>A datagram that answers a request without good credentials is never longer than this many times the request: its source may be forged.</summary>
    public const int MaxUnprovenAmplification = 3;

    private const int UdpProtocol = 17;

    private static readonly StunAttributeType[] KnownInRequests =
    [
        StunAttributeType.Username, StunAttributeType.Realm, StunAttributeType.Nonce, StunAttributeType.MessageIntegrity,
        StunAttributeType.MessageIntegritySha256, StunAttributeType.RequestedTransport, StunAttributeType.RequestedAddressFamily,
        StunAttributeType.Lifetime, StunAttributeType.EvenPort, StunAttributeType.ReservationToken, StunAttributeType.XorPeerAddress,
        StunAttributeType.ChannelNumber, StunAttributeType.Data,
    ];

    private readonly TurnServerOptions _options;
    private readonly ITurnRelayPorts _ports;
    private readonly TurnServerAuthentication _authentication;
    private readonly StunResponder _responder = new();
    private readonly Dictionary<TurnClientKey, TurnAllocation> _byClient = [];
    private readonly Dictionary<int, TurnAllocation> _byId = [];
    private readonly Dictionary<string, int> _perAccount = new(StringComparer.Ordinal);
    private int _lastId;

    /// <summary>Makes a server.</summary>
    /// <param name="options">What it allows.</param>
    /// <param name="ports">Opens relayed addresses.</param>
    /// <param name="nonceKey">32 secret random bytes.</param>
    /// <param name="unixSecondsAtZero">The time of day at zero of the monotonic clock, for the expiry of ephemeral users.</param>
    /// <exception cref="ArgumentException">The options are out of range.</exception>
    public TurnServerMachine(TurnServerOptions options, ITurnRelayPorts ports, ReadOnlySpan<byte> nonceKey, long unixSecondsAtZero)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _ports = ports;
        _authentication = new TurnServerAuthentication(options, nonceKey, unixSecondsAtZero);
    }

    /// <summary>How many allocations there are.</summary>
    public int AllocationCount => _byId.Count;

    /// <summary>Bytes relayed since the start, in both directions.</summary>
    public long RelayedBytes { get; private set; }

    /// <summary>When the next allocation runs out; null when there is none.</summary>
    public MonotonicTime? Deadline
    {
        get
        {
            MonotonicTime? deadline = null;
            foreach (TurnAllocation allocation in _byId.Values) deadline = MonotonicTime.Earlier(deadline, allocation.ExpiresAt);
            return deadline;
        }
    }

    /// <summary>How full its tables are; on the loop, or while it stands.</summary>
    internal IEnumerable<TableUse> Tables =>
    [
        new("allocations", _byId.Count, _options.MaxAllocations), new("allocations of a user", _perAccount.Values.DefaultIfEmpty().Max(), _options.MaxAllocationsPerUser),
        new("permissions of an allocation", _byId.Values.Select(one => one.PermissionCount).DefaultIfEmpty().Max(), TurnAllocation.MaxPermissions),
        new("channels of an allocation", _byId.Values.Select(one => one.ChannelCount).DefaultIfEmpty().Max(), TurnAllocation.MaxChannels),
        new("clients with an allocation", _byClient.Count, _byId.Count),
    ];

    /// <summary>Takes a datagram, or a frame of a stream, from a client.</summary>
    /// <param name="now">The present time.</param>
    /// <param name="client">The client.</param>
    /// <param name="message">STUN or ChannelData.</param>
    /// <param name="output">Where the output goes; as long as the input and <see cref="MaxOverheadBytes"/>.</param>
    public TurnOutput HandleClient(MonotonicTime now, TurnClientKey client, ReadOnlySpan<byte> message, Span<byte> output)
    {
        if (ChannelData.TryRead(message, out int channel, out ReadOnlySpan<byte> data)) return RelayChannelData(now, client, channel, data, output);
        if (!StunMessage.TryParse(message, out StunMessage stun)) return default;
        if (stun.Class == StunClass.Indication) return stun.Method == StunMethod.Send ? RelayIndication(now, client, stun, output) : default;
        if (stun.Class != StunClass.Request) return default;
        return stun.Method switch
        {
            StunMethod.Binding => AnswerBinding(client, stun, output),
            StunMethod.Allocate or StunMethod.Refresh or StunMethod.CreatePermission or StunMethod.ChannelBind => Answer(now, client, stun, output),
            _ => default,
        };
    }

    /// <summary>Takes a datagram that a peer sent to a relayed address.</summary>
    /// <param name="now">The present time.</param>
    /// <param name="allocationId">Whose relayed address.</param>
    /// <param name="peer">The peer.</param>
    /// <param name="data">What it sent.</param>
    /// <param name="output">Where the output goes; as long as the input and <see cref="MaxOverheadBytes"/>.</param>
    /// <param name="newId">An unpredictable id, should an indication be needed.</param>
    public TurnOutput HandlePeer(
        MonotonicTime now, int allocationId, TransportAddress peer, ReadOnlySpan<byte> data, Span<byte> output, Func<StunTransactionId> newId)
    {
        if (!_byId.TryGetValue(allocationId, out TurnAllocation? allocation) || allocation.ExpiresAt <= now) return default;
        if (!allocation.IsPermitted(now, peer) || !allocation.TrySpend(now, data.Length)) return default;
        RelayedBytes += data.Length;
        if (allocation.TryGetChannel(now, peer, out int channel))
        {
            int bytes = ChannelData.FrameBytes(data.Length, isStream: allocation.Client.Connection != 0);
            ChannelData.Write(output[..bytes], channel, data);
            return TurnOutput.ToClient(allocation.Client, bytes);
        }

        var writer = new StunMessageWriter(output, StunClass.Indication, StunMethod.Data, newId());
        writer.WriteXorAddress(StunAttributeType.XorPeerAddress, peer);
        writer.Write(StunAttributeType.Data, data);
        return writer.TryFinish(out int length) ? TurnOutput.ToClient(allocation.Client, length) : default;
    }

    /// <summary>Ends the allocation of a client whose connection is gone.</summary>
    public void HandleClientGone(TurnClientKey client)
    {
        if (_byClient.TryGetValue(client, out TurnAllocation? allocation)) Remove(allocation);
    }

    /// <summary>Ends the allocations that have run out.</summary>
    public void HandleTimeout(MonotonicTime now)
    {
        foreach (TurnAllocation allocation in _byId.Values)
        {
            if (allocation.ExpiresAt <= now) Remove(allocation);   // a dictionary may be removed from while it is walked
        }
    }

    private TurnOutput AnswerBinding(TurnClientKey client, in StunMessage request, Span<byte> output) =>
        _responder.TryRespond(request, client.Address, 0, output, out StunReply reply) ? TurnOutput.ToClient(client, reply.Bytes) : default;

    private TurnOutput Answer(MonotonicTime now, TurnClientKey client, in StunMessage request, Span<byte> output)
    {
        int error = _authentication.Check(now, client, request, out TurnUser user);
        if (error != 0) return Refuse(now, client, request, error, default, output);
        Span<StunAttributeType> unknown = stackalloc StunAttributeType[UnknownAttributes.MaxListed];
        unknown = unknown[..UnknownAttributes.Find(request, KnownInRequests, unknown)];
        if (!unknown.IsEmpty) return RefuseUnknown(client, request, unknown, user, output);
        _byClient.TryGetValue(client, out TurnAllocation? allocation);
        if (allocation is not null && allocation.ExpiresAt <= now)
        {
            Remove(allocation);
            allocation = null;
        }

        uint lifetime = 0;
        if (request.Method == StunMethod.Allocate)
        {
            error = Allocate(now, client, request, user, ref allocation);
        }
        else
        {
            if (allocation is null) error = StunErrorCodes.AllocationMismatch;
            else if (allocation.User.Name != user.Name && allocation.Account != user.Account) error = StunErrorCodes.WrongCredentials;
            else error = Manage(now, request, allocation, out lifetime);
        }

        if (error != 0) return Refuse(now, client, request, error, user, output);
        StunMessageWriter writer = StunMessageWriter.Response(output, request, StunClass.SuccessResponse);
        if (request.Method == StunMethod.Allocate) WriteAllocation(now, client, allocation!, ref writer);
        if (request.Method == StunMethod.Refresh) writer.WriteUInt32(StunAttributeType.Lifetime, lifetime);
        return Finish(client, request, user, ref writer);
    }

    private int Allocate(MonotonicTime now, TurnClientKey client, in StunMessage request, TurnUser user, ref TurnAllocation? allocation)
    {
        // A retransmission gets the answer again (RFC 8656 §7.2).
        if (allocation is not null) return allocation.CreatedBy == request.TransactionId ? 0 : StunErrorCodes.AllocationMismatch;
        if (!request.TryGet(StunAttributeType.RequestedTransport, out ReadOnlySpan<byte> transport) || transport.Length != 4) return StunErrorCodes.BadRequest;
        if (transport[0] != UdpProtocol) return StunErrorCodes.UnsupportedTransportProtocol;
        if (!TryReadFamily(request, out bool wantIPv6) || !_ports.Supports(wantIPv6)) return StunErrorCodes.AddressFamilyNotSupported;
        bool evenPort = request.TryGet(StunAttributeType.EvenPort, out ReadOnlySpan<byte> even);
        bool reserves = evenPort && (even.IsEmpty || (even[0] & 0x80) != 0);
        if (reserves || request.Has(StunAttributeType.ReservationToken)) return StunErrorCodes.InsufficientCapacity;
        string account = user.Account;
        int used = _perAccount.GetValueOrDefault(account);
        if (used >= _options.MaxAllocationsPerUser) return StunErrorCodes.AllocationQuotaReached;
        if (_byId.Count >= _options.MaxAllocations) return StunErrorCodes.InsufficientCapacity;
        int id = NextId();
        if (!_ports.TryOpen(id, wantIPv6, evenPort, out TransportAddress relayed)) return StunErrorCodes.InsufficientCapacity;
        allocation = new TurnAllocation(id, client, user, request.TransactionId, relayed, _options.MaxBytesPerSecond)
        {
            ExpiresAt = now + Grant(request),
        };
        _byClient.Add(client, allocation);
        _byId.Add(id, allocation);
        _perAccount[account] = used + 1;
        return 0;
    }

    private int Manage(MonotonicTime now, in StunMessage request, TurnAllocation allocation, out uint lifetime)
    {
        lifetime = 0;
        switch (request.Method)
        {
            case StunMethod.Refresh:
                bool ends = request.TryGetUInt32(StunAttributeType.Lifetime, out uint wanted) && wanted == 0;
                if (ends)
                {
                    Remove(allocation);
                    return 0;
                }

                TimeSpan granted = Grant(request);
                allocation.ExpiresAt = now + granted;
                lifetime = (uint)granted.TotalSeconds;
                return 0;
            case StunMethod.CreatePermission:
                return Permit(now, request, allocation);
            default:
                return BindChannel(now, request, allocation);
        }
    }

    private int Permit(MonotonicTime now, in StunMessage request, TurnAllocation allocation)
    {
        int found = 0;
        foreach (StunAttributeView attribute in request)
        {
            if (attribute.Type != StunAttributeType.XorPeerAddress) continue;
            if (!XorAddressAttribute.TryRead(attribute.Value, request.Bytes.Slice(4, 16), out TransportAddress peer)) return StunErrorCodes.BadRequest;
            int error = CheckPeer(allocation, peer);
            if (error != 0) return error;
            if (!allocation.TryPermit(now, peer)) return StunErrorCodes.InsufficientCapacity;
            found++;
        }

        return found == 0 ? StunErrorCodes.BadRequest : 0;
    }

    private int BindChannel(MonotonicTime now, in StunMessage request, TurnAllocation allocation)
    {
        if (!request.TryGet(StunAttributeType.ChannelNumber, out ReadOnlySpan<byte> value) || value.Length != 4) return StunErrorCodes.BadRequest;
        int number = BinaryPrimitives.ReadUInt16BigEndian(value);
        if (number is < ChannelData.FirstChannel or > ChannelData.LastChannel) return StunErrorCodes.BadRequest;
        if (!request.TryGetXorAddress(StunAttributeType.XorPeerAddress, out TransportAddress peer)) return StunErrorCodes.BadRequest;
        int error = CheckPeer(allocation, peer);
        return error != 0 ? error : allocation.Bind(now, number, peer);
    }

    private int CheckPeer(TurnAllocation allocation, TransportAddress peer)
    {
        if (peer.IsIPv4 != allocation.RelayedAddress.IsIPv4) return StunErrorCodes.PeerAddressFamilyMismatch;
        return _options.AllowPrivatePeers || TurnPeerPolicy.IsPublic(peer) ? 0 : StunErrorCodes.Forbidden;
    }

    private TurnOutput RelayIndication(MonotonicTime now, TurnClientKey client, in StunMessage message, Span<byte> output)
    {
        if (!TryGetLive(now, client, out TurnAllocation? allocation) || UnknownAttributes.Any(message, KnownInRequests)) return default;
        if (!message.TryGetXorAddress(StunAttributeType.XorPeerAddress, out TransportAddress peer)) return default;
        return message.TryGet(StunAttributeType.Data, out ReadOnlySpan<byte> data) ? RelayToPeer(now, allocation!, peer, data, output) : default;
    }

    private TurnOutput RelayChannelData(MonotonicTime now, TurnClientKey client, int channel, ReadOnlySpan<byte> data, Span<byte> output) =>
        TryGetLive(now, client, out TurnAllocation? allocation) && allocation!.TryGetPeer(now, channel, out TransportAddress peer)
            ? RelayToPeer(now, allocation, peer, data, output)
            : default;

    private TurnOutput RelayToPeer(MonotonicTime now, TurnAllocation allocation, TransportAddress peer, ReadOnlySpan<byte> data, Span<byte> output)
    {
        if (peer.Port == 0 || !allocation.IsPermitted(now, peer) || !allocation.TrySpend(now, data.Length)) return default;
        data.CopyTo(output);
        RelayedBytes += data.Length;
        return TurnOutput.ToPeer(allocation.Id, peer, data.Length);
    }

    private bool TryGetLive(MonotonicTime now, TurnClientKey client, out TurnAllocation? allocation) =>
        _byClient.TryGetValue(client, out allocation) && now < allocation.ExpiresAt;

    private TurnOutput Refuse(MonotonicTime now, TurnClientKey client, in StunMessage request, int error, TurnUser user, Span<byte> output)
    {
        bool isChallenge = user.Key is null && error is StunErrorCodes.Unauthenticated or StunErrorCodes.StaleNonce;
        StunMessageWriter writer = StunMessageWriter.Response(output, request, StunClass.ErrorResponse);
        writer.WriteErrorCode(error, isChallenge ? default : ErrorCodeAttribute.DefaultReason(error));   // without words it is short enough for any Allocate
        if (isChallenge) _authentication.WriteChallenge(now, client, ref writer);
        TurnOutput refusal = Finish(client, request, user, ref writer);
        bool isTooLong = user.Key is null && client.Connection == 0 && refusal.Bytes > request.Bytes.Length * MaxUnprovenAmplification;
        return isTooLong ? default : refusal;
    }

    private static TurnOutput RefuseUnknown(
        TurnClientKey client, in StunMessage request, ReadOnlySpan<StunAttributeType> unknown, TurnUser user, Span<byte> output)
    {
        StunMessageWriter writer = StunMessageWriter.Error(output, request, StunErrorCodes.UnknownAttribute);
        writer.WriteUnknownAttributes(unknown);
        return Finish(client, request, user, ref writer);
    }

    private static TurnOutput Finish(TurnClientKey client, in StunMessage request, TurnUser user, ref StunMessageWriter writer)
    {
        if (user.Key is { } key) writer.WriteMessageIntegrity(key);
        if (request.Has(StunAttributeType.Fingerprint)) writer.WriteFingerprint();
        return writer.TryFinish(out int bytes) ? TurnOutput.ToClient(client, bytes) : default;
    }

    private static void WriteAllocation(MonotonicTime now, TurnClientKey client, TurnAllocation allocation, ref StunMessageWriter writer)
    {
        writer.WriteXorAddress(StunAttributeType.XorRelayedAddress, allocation.RelayedAddress);
        writer.WriteUInt32(StunAttributeType.Lifetime, (uint)(allocation.ExpiresAt - now).TotalSeconds);
        writer.WriteXorAddress(StunAttributeType.XorMappedAddress, client.Address);
    }

    private static bool TryReadFamily(in StunMessage request, out bool wantIPv6)
    {
        wantIPv6 = false;
        if (!request.TryGet(StunAttributeType.RequestedAddressFamily, out ReadOnlySpan<byte> family)) return true;
        wantIPv6 = family.Length == 4 && family[0] == AddressAttribute.FamilyIPv6;
        return wantIPv6 || (family.Length == 4 && family[0] == AddressAttribute.FamilyIPv4);
    }

    private TimeSpan Grant(in StunMessage request)
    {
        if (!request.TryGetUInt32(StunAttributeType.Lifetime, out uint seconds)) return _options.DefaultLifetime;
        TimeSpan wanted = TimeSpan.FromSeconds(seconds);
        return wanted > _options.MaxLifetime ? _options.MaxLifetime : wanted < _options.DefaultLifetime ? _options.DefaultLifetime : wanted;
    }

    private int NextId()
    {
        do _lastId = _lastId == int.MaxValue ? 1 : _lastId + 1;
        while (_byId.ContainsKey(_lastId));
        return _lastId;
    }

    private void Remove(TurnAllocation allocation)
    {
        _byClient.Remove(allocation.Client);
        _byId.Remove(allocation.Id);
        int left = _perAccount[allocation.Account] - 1;
        if (left == 0) _perAccount.Remove(allocation.Account);
        else _perAccount[allocation.Account] = left;
        _ports.Close(allocation.Id);
    }
}
