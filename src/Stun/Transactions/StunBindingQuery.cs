using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun;

/// <summary>
/// Asks one server for the mapped address, follows ALTERNATE-SERVER once (RFC 8489 §10), and hands the result to a callback.
/// Owned by the loop of its multiplexer.
/// </summary>
internal sealed class StunBindingQuery : IStunTransactionHandler
{
    private static readonly StunAttributeType[] KnownInResponses =
    [
        StunAttributeType.MappedAddress, StunAttributeType.XorMappedAddress, StunAttributeType.ClassicSourceAddress,
        StunAttributeType.ClassicChangedAddress, StunAttributeType.ErrorCode, StunAttributeType.UnknownAttributes,
        StunAttributeType.Realm, StunAttributeType.Nonce, StunAttributeType.Padding, StunAttributeType.Username,
        StunAttributeType.MessageIntegrity, StunAttributeType.MessageIntegritySha256, StunAttributeType.PasswordAlgorithm,
    ];

    private readonly StunMultiplexer _multiplexer;
    private readonly Func<StunTransactionId> _newId;
    private readonly StunRetransmission _schedule;
    private readonly Action<MonotonicTime, StunBindingResult> _completed;
    private StunTransactionId _current;
    private bool _followedAlternate;
    private bool _isDone;

    /// <param name="multiplexer">Sends and receives.</param>
    /// <param name="newId">Makes transaction ids that nobody can predict.</param>
    /// <param name="schedule">How often and how long to ask.</param>
    /// <param name="completed">Is called once, on the loop.</param>
    public StunBindingQuery(
        StunMultiplexer multiplexer,
        Func<StunTransactionId> newId,
        StunRetransmission schedule,
        Action<MonotonicTime, StunBindingResult> completed)
    {
        _multiplexer = multiplexer;
        _newId = newId;
        _schedule = schedule;
        _completed = completed;
    }

    /// <summary>Asks. With a change, the server shall answer from its other address or port, and nothing else counts (RFC 5780 §4.4).</summary>
    public void Start(MonotonicTime now, TransportAddress server, bool changeAddress = false, bool changePort = false)
    {
        StunTransactionId id = _newId();
        _current = id;
        byte[] request = BindingRequest.Encode(id, changeAddress, changePort);
        bool anySource = changeAddress || changePort;
        if (_multiplexer.TryStart(new StunTransaction(request, server, now, _schedule), this, anySource)) return;
        Complete(now, new StunBindingResult { Outcome = StunOutcome.Busy, Server = server });
    }

    /// <summary>Gives up without calling back.</summary>
    public void Cancel()
    {
        _isDone = true;
        _multiplexer.Cancel(_current);
    }

    /// <inheritdoc/>
    public bool HandleResponse(MonotonicTime now, TransportAddress source, in StunMessage response, StunTransaction transaction)
    {
        StunBindingResult result = Read(response) with
        {
            Server = transaction.Destination,
            Source = source,
            RoundTrip = transaction.Sends == 1 ? now - transaction.Start : null,
        };
        if (result.ErrorCode == StunErrorCodes.TryAlternate && TryFollow(now, response, transaction.Destination)) return true;
        Complete(now, result);
        return true;
    }

    /// <inheritdoc/>
    public void HandleFailure(MonotonicTime now, StunTransaction transaction)
    {
        StunOutcome outcome = transaction.HasFailed ? StunOutcome.TimedOut : StunOutcome.Closed;
        Complete(now, new StunBindingResult { Outcome = outcome, Server = transaction.Destination });
    }

    private static StunBindingResult Read(in StunMessage response)
    {
        if (UnknownAttributes.Any(response, KnownInResponses)) return new StunBindingResult { Outcome = StunOutcome.UnknownAttribute };
        if (response.Class == StunClass.ErrorResponse)
        {
            return response.TryGetErrorCode(out int code)
                ? new StunBindingResult { Outcome = StunOutcome.Refused, ErrorCode = code }
                : new StunBindingResult { Outcome = StunOutcome.Malformed };
        }

        bool usable = response.TryGetMappedAddress(out TransportAddress mapped) && !mapped.IsUnspecified && mapped.Port != 0;
        if (!usable) return new StunBindingResult { Outcome = StunOutcome.Malformed };
        bool hasOther = response.TryGetAddress(StunAttributeType.OtherAddress, out TransportAddress other)
            || response.TryGetAddress(StunAttributeType.ClassicChangedAddress, out other);
        return new StunBindingResult
        {
            Outcome = StunOutcome.Success,
            MappedAddress = mapped,
            OtherAddress = hasOther && !other.IsUnspecified && other.Port != 0 ? other : null,
        };
    }

    // Once only, so that two servers that name each other cannot keep a client busy.
    private bool TryFollow(MonotonicTime now, in StunMessage response, TransportAddress refusedBy)
    {
        if (_followedAlternate || !response.TryGetAddress(StunAttributeType.AlternateServer, out TransportAddress alternate)) return false;
        if (alternate == refusedBy || alternate.IsUnspecified || alternate.Port == 0 || alternate.IsIPv4 != refusedBy.IsIPv4) return false;
        _followedAlternate = true;
        Start(now, alternate);
        return true;
    }

    private void Complete(MonotonicTime now, StunBindingResult result)
    {
        if (_isDone) return;
        _isDone = true;
        _completed(now, result);
    }
}
