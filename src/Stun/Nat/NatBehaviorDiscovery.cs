using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun;

/// <summary>
/// Finds out how a NAT filters and maps (RFC 5780 §4.3 and §4.4). Owned by the loop of its multiplexer.
/// </summary>
/// <remarks>
/// <code>
/// 1 Public         ask the servers in turn until one answers: the public address, perhaps OTHER-ADDRESS
/// 2 FilterBoth     "answer from your other address and port": an answer means endpoint-independent filtering
/// 3 FilterPort     "answer from your other port", asked together with 2, since neither opens the filter for the other: an answer means
///                  address-dependent filtering, silence means by port too
/// 4 MapAddress     ask the other address: the same mapping means endpoint-independent mapping
/// 5 MapBoth        ask the other address and port: equal to 4 means address-dependent mapping, else by port too
/// 4'               without OTHER-ADDRESS: ask a server at another IP address
/// </code>
/// Filtering comes first, because the mapping tests send to the other address and so open the filter for it.
/// </remarks>
public sealed class NatBehaviorDiscovery
{
    /// <summary>Most servers that are asked.</summary>
    public const int MaxServers = 8;

    private readonly StunMultiplexer _multiplexer;
    private readonly Func<StunTransactionId> _newId;
    private readonly TransportAddress[] _servers;
    private readonly StunRetransmission _schedule;
    private readonly Action<NatBehavior> _completed;
    private readonly HashSet<TransportAddress> _localAddresses;
    private StunBindingQuery? _query;
    private StunBindingQuery? _portQuery;
    private StunBindingResult? _fromBoth, _fromPort;
    private NatBehavior _found = new();
    private TransportAddress _other;
    private int _nextServer;

    /// <summary>Prepares a discovery.</summary>
    /// <param name="multiplexer">Sends and receives.</param>
    /// <param name="newId">Makes transaction ids that nobody can predict.</param>
    /// <param name="servers">Servers to ask, best first; at most <see cref="MaxServers"/> count.</param>
    /// <param name="schedule">How often and how long each test asks.</param>
    /// <param name="completed">Is called once, on the loop.</param>
    /// <param name="localAddresses">The socket's own addresses, to recognise that there is no NAT; may be left out.</param>
    /// <exception cref="ArgumentException">There are no servers.</exception>
    public NatBehaviorDiscovery(
        StunMultiplexer multiplexer,
        Func<StunTransactionId> newId,
        IReadOnlyList<TransportAddress> servers,
        StunRetransmission schedule,
        Action<NatBehavior> completed,
        IReadOnlyList<TransportAddress>? localAddresses = null)
    {
        ArgumentNullException.ThrowIfNull(servers);
        if (servers.Count == 0) throw new ArgumentException("At least one server is needed.", nameof(servers));
        _multiplexer = multiplexer;
        _newId = newId;
        _servers = [.. servers.Take(MaxServers)];
        _schedule = schedule;
        _completed = completed;
        _localAddresses = [.. localAddresses ?? []];
    }

    /// <summary>Sends the first question.</summary>
    public void Start(MonotonicTime now) => AskPublic(now);

    /// <summary>Gives up without calling back.</summary>
    public void Cancel()
    {
        _query?.Cancel();
        _portQuery?.Cancel();
    }

    private void AskPublic(MonotonicTime now) => Ask(now, _servers[_nextServer++], HandlePublic);

    private void HandlePublic(MonotonicTime now, StunBindingResult result)
    {
        if (!result.IsSuccess)
        {
            bool more = _nextServer < _servers.Length && result.Outcome is not (StunOutcome.Busy or StunOutcome.Closed);
            if (more) AskPublic(now);
            else _completed(_found with { Outcome = result.Outcome, Server = result.Server });
            return;
        }

        _found = _found with { Outcome = StunOutcome.Success, PublicAddress = result.MappedAddress, Server = result.Server };
        if (!result.HasTwoAddressServer)
        {
            AskSecondServer(now);
            return;
        }

        _other = result.OtherAddress!.Value;
        _found = _found with { OtherAddress = _other };
        _portQuery = Ask(now, result.Server, HandleFilterPort, changePort: true);
        Ask(now, result.Server, HandleFilterBoth, changeAddress: true, changePort: true);
    }

    private void HandleFilterBoth(MonotonicTime now, StunBindingResult result)
    {
        _fromBoth = result;
        JudgeFiltering(now);
    }

    private void HandleFilterPort(MonotonicTime now, StunBindingResult result)
    {
        _fromPort = result;
        JudgeFiltering(now);
    }

    // An answer from the other address says all; otherwise both questions have to be over.
    private void JudgeFiltering(MonotonicTime now)
    {
        bool isOpen = _fromBoth is { IsSuccess: true } both && both.Source.AddressBits != _found.Server.AddressBits;
        if (!isOpen && (_fromBoth is null || _fromPort is null)) return;
        NatFiltering filtering = NatFiltering.Unknown;
        if (isOpen) filtering = NatFiltering.EndpointIndependent;
        else if (_fromBoth!.Value.Outcome != StunOutcome.TimedOut) filtering = NatFiltering.Unknown;
        else if (_fromPort is { IsSuccess: true } port && port.Source.Port != _found.Server.Port) filtering = NatFiltering.AddressDependent;
        else if (_fromPort!.Value.Outcome == StunOutcome.TimedOut) filtering = NatFiltering.AddressAndPortDependent;
        _portQuery?.Cancel();
        _found = _found with { Filtering = filtering };
        AskMapping(now);
    }

    private void AskMapping(MonotonicTime now) => Ask(now, _other.WithPort(_found.Server.Port), HandleMapAddress);

    private void HandleMapAddress(MonotonicTime now, StunBindingResult result)
    {
        if (!result.IsSuccess)
        {
            AskSecondServer(now);
            return;
        }

        _found = _found with { SecondPublicAddress = result.MappedAddress };
        if (result.MappedAddress == _found.PublicAddress) Finish(IndependentOrNone());
        else Ask(now, _other, HandleMapBoth);
    }

    private void HandleMapBoth(MonotonicTime now, StunBindingResult result)
    {
        if (!result.IsSuccess) Finish(NatMapping.Dependent);
        else if (result.MappedAddress == _found.SecondPublicAddress) Finish(NatMapping.AddressDependent);
        else Finish(NatMapping.AddressAndPortDependent);
    }

    // A server at the same IP address would not show a mapping that depends on the address only.
    private void AskSecondServer(MonotonicTime now)
    {
        while (_nextServer < _servers.Length)
        {
            TransportAddress candidate = _servers[_nextServer++];
            if (candidate.AddressBits == _found.Server.AddressBits || candidate.IsIPv4 != _found.Server.IsIPv4) continue;
            Ask(now, candidate, HandleSecondServer);
            return;
        }

        Finish(_localAddresses.Contains(_found.PublicAddress) ? NatMapping.None : NatMapping.Unknown);
    }

    private void HandleSecondServer(MonotonicTime now, StunBindingResult result)
    {
        if (!result.IsSuccess)
        {
            AskSecondServer(now);
            return;
        }

        _found = _found with { SecondPublicAddress = result.MappedAddress };
        Finish(result.MappedAddress == _found.PublicAddress ? IndependentOrNone() : NatMapping.Dependent);
    }

    private NatMapping IndependentOrNone() =>
        _localAddresses.Contains(_found.PublicAddress) ? NatMapping.None : NatMapping.EndpointIndependent;

    private void Finish(NatMapping mapping) => _completed(_found with { Mapping = mapping });

    private StunBindingQuery Ask(
        MonotonicTime now,
        TransportAddress server,
        Action<MonotonicTime, StunBindingResult> handle,
        bool changeAddress = false,
        bool changePort = false)
    {
        _query = new StunBindingQuery(_multiplexer, _newId, _schedule, handle);
        _query.Start(now, server, changeAddress, changePort);
        return _query;
    }
}
