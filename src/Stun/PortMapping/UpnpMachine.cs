using System.Text;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.PortMapping;

/// <summary>
/// Keeps the mappings of one port at one router by UPnP-IGD: searches (SSDP), reads the router's description, calls its actions (SOAP),
/// one HTTP request at a time. Only addresses of the router itself are asked. Owned by one loop; not thread-safe.
/// </summary>
internal sealed class UpnpMachine : IMappingMachine
{
    internal const int MaxSearches = 3;
    private const int DatagramsPerSearch = 4; // versions 1 and 2, to the group and to the router
    private const int MaxLocations = 4;
    private const int MaxHttpFailures = 3;
    private static readonly TimeSpan SearchInterval = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan LastSearchWait = TimeSpan.FromSeconds(SsdpCodec.MaxWaitSeconds + 1);
    private static readonly TimeSpan CheckInterval = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan SilentRetry = TimeSpan.FromSeconds(10);

    private readonly MappingPlan _plan;
    private readonly UpnpPortMapper _ports;
    private readonly List<Uri> _locations = [];
    private readonly Queue<UpnpService> _services = [];
    private int _triedLocations;
    private Uri? _base;
    private UpnpService? _service;
    private Uri? _control;
    private int _searches;
    private int _datagramsDue = DatagramsPerSearch;
    private MonotonicTime _searchAt;
    private UpnpRequest? _request;
    private bool _requestDue;
    private int _requestId;
    private Step _step;
    private int _httpFailures;
    private MonotonicTime? _checkAt;

    public UpnpMachine(MappingPlan plan, MonotonicTime now, Random random, int firstRequestId = 0)
    {
        _requestId = firstRequestId;
        _plan = plan;
        _ports = new UpnpPortMapper(plan, random);
        _searchAt = now;
    }

    private enum Step
    {
        None,
        Describe,
        Address,
        Port,
    }

    public PortMappingProtocol Protocol => PortMappingProtocol.UpnpIgd;

    public MappingPhase Phase { get; private set; } = MappingPhase.Probing;

    public PortMappingFailure Failure { get; private set; }

    public TransportAddress? ExternalAddress { get; private set; }

    public ushort? UdpPort => _ports.UdpPort;

    public ushort? TcpPort => _ports.TcpPort;

    public bool IsComplete => _ports.IsComplete;

    public MonotonicTime? Deadline => _requestDue || _request is not null ? null : Phase switch
    {
        MappingPhase.Probing => _searchAt,
        MappingPhase.Mapping or MappingPhase.Mapped => MonotonicTime.Earlier(_checkAt, _ports.Deadline),
        _ => null,
    };

    public void Map(MonotonicTime now)
    {
        if (Phase != MappingPhase.Available) throw new InvalidOperationException("The router has not answered yet.");
        Phase = MappingPhase.Mapping;
        _checkAt = now + CheckInterval;
        _ports.Begin(now);
        Advance(now);
    }

    public void Release(MonotonicTime now)
    {
        if (Phase is MappingPhase.Releasing or MappingPhase.Released) return;
        Phase = MappingPhase.Releasing;
        _request = null;
        _datagramsDue = 0;
        _ports.BeginRelease();
        Advance(now);
    }

    public void HandleTimeout(MonotonicTime now)
    {
        if (Phase == MappingPhase.Probing && _request is null && now >= _searchAt && _datagramsDue == 0)
        {
            if (_searches < MaxSearches) _datagramsDue = DatagramsPerSearch;
            else Fail(PortMappingFailure.NoAnswer);
        }

        Advance(now);
    }

    public void HandleDatagram(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> datagram)
    {
        if (Phase != MappingPhase.Probing || source.AddressBits != _plan.Gateway.AddressBits || _locations.Count == MaxLocations) return;
        if (!SsdpCodec.TryReadLocation(datagram, out ReadOnlySpan<byte> location)) return;
        if (!UpnpUrl.TryResolve(Encoding.ASCII.GetString(location), null, _plan.Gateway, out Uri? url) || _locations.Contains(url)) return;
        _locations.Add(url);
        Advance(now);
    }

    /// <summary>Takes the answer to a request; status 0 when there was none. Answers to older requests are ignored.</summary>
    public void HandleHttp(MonotonicTime now, int id, int status, ReadOnlySpan<byte> body)
    {
        if (_request?.Id != id) return;
        _request = null;
        Step step = _step;
        _step = Step.None;
        _httpFailures = status == 0 ? _httpFailures + 1 : 0;
        if (step == Step.Describe) HandleDescription(status, body);
        else if (step == Step.Address) HandleAddress(now, status, body);
        else if (step == Step.Port) HandlePort(now, status, body);
        if (_httpFailures >= MaxHttpFailures && Phase is MappingPhase.Mapping or MappingPhase.Mapped) Fail(PortMappingFailure.NoAnswer);
        Advance(now);
    }

    /// <summary>The HTTP request to make now; null when none is.</summary>
    public UpnpRequest? PollHttp()
    {
        if (!_requestDue) return null;
        _requestDue = false;
        return _request;
    }

    public bool PollTransmit(MonotonicTime now, Span<byte> buffer, out Transmit transmit)
    {
        transmit = default;
        if (_datagramsDue == 0) return false;
        int version = (--_datagramsDue & 1) + 1;
        TransportAddress destination = _datagramsDue >= 2 ? _plan.SsdpGroup : _plan.Gateway.WithPort(_plan.SsdpGroup.Port);
        if (_datagramsDue == 0) _searchAt = now + (++_searches == MaxSearches ? LastSearchWait : SearchInterval);
        transmit = new Transmit(destination, SsdpCodec.WriteSearch(buffer, SsdpCodec.SearchTarget(version)));
        return true;
    }

    private void HandleDescription(int status, ReadOnlySpan<byte> body)
    {
        if (status != 200 || !UpnpXml.TryReadServices(body, out string? urlBase, out IReadOnlyList<UpnpService> services)) return;
        _base = _locations[_triedLocations - 1];
        if (urlBase is not null && UpnpUrl.TryResolve(urlBase, null, _plan.Gateway, out Uri? stated)) _base = stated;
        foreach (UpnpService service in services) _services.Enqueue(service);
    }

    private void HandleAddress(MonotonicTime now, int status, ReadOnlySpan<byte> body)
    {
        bool known = status == 200
            && UpnpXml.TryReadValue(body, "NewExternalIPAddress", out string? text)
            && TransportAddress.TryParse(text, 0, out TransportAddress address) && address.IsIPv4 && !address.IsUnspecified
            && LearnExternalAddress(now, address.WithPort(0));
        if (Phase == MappingPhase.Probing)
        {
            if (known) Phase = MappingPhase.Available;
            else _control = null;
            if (!known && status != 0) Failure = PortMappingFailure.NetworkFailure;
        }
    }

    private bool LearnExternalAddress(MonotonicTime now, TransportAddress address)
    {
        if (ExternalAddress is { } before && before != address) _ports.MakeAnew(now);
        ExternalAddress = address;
        return true;
    }

    private void HandlePort(MonotonicTime now, int status, ReadOnlySpan<byte> body)
    {
        int error = 0;
        ushort chosen = 0;
        if (status == 200)
        {
            if (UpnpXml.TryReadValue(body, "NewReservedPort", out string? text)) _ = ushort.TryParse(text, out chosen);
        }
        else if (status != 0 && !UpnpXml.TryReadError(body, out error))
        {
            error = UpnpError.ActionFailed;
        }

        if (status == 0) _ports.HandleSilence(now + SilentRetry);
        else _ports.HandleAnswer(now, error, chosen);
        if (Phase is not (MappingPhase.Mapping or MappingPhase.Mapped)) return;
        if (_ports.UdpPort is not null) Phase = MappingPhase.Mapped;
        else if (_ports.UdpFailure != PortMappingFailure.None) Fail(_ports.UdpFailure);
    }

    private void Fail(PortMappingFailure failure)
    {
        Phase = MappingPhase.Failed;
        if (Failure == PortMappingFailure.None || failure != PortMappingFailure.NoAnswer) Failure = failure;
        _request = null;
        _requestDue = false;
        _datagramsDue = 0;
    }

    // Chooses the next HTTP request when none is under way.
    private void Advance(MonotonicTime now)
    {
        if (_request is not null) return;
        switch (Phase)
        {
            case MappingPhase.Probing:
                AdvanceProbe();
                break;
            case MappingPhase.Mapping or MappingPhase.Mapped:
                if (_ports.TryNext(now, _service!, out string? action, out string? body)) Post(Step.Port, action, body);
                else if (_checkAt <= now) Check(now);
                break;
            case MappingPhase.Releasing:
                if (_service is not null && _ports.TryNextRelease(_service, out string? delete)) Post(Step.Port, "DeletePortMapping", delete);
                else Phase = MappingPhase.Released;
                break;
        }
    }

    private void AdvanceProbe()
    {
        while (_services.TryDequeue(out UpnpService? service))
        {
            if (!UpnpUrl.TryResolve(service.ControlUrl, _base, _plan.Gateway, out _control)) continue;
            _service = service;
            Post(Step.Address, "GetExternalIPAddress", SoapWriter.ExternalAddress(service.Type));
            return;
        }

        if (_triedLocations == _locations.Count) return;
        Begin(Step.Describe, new UpnpRequest(++_requestId, _locations[_triedLocations++], null, null));
    }

    private void Check(MonotonicTime now)
    {
        _checkAt = now + CheckInterval;
        Post(Step.Address, "GetExternalIPAddress", SoapWriter.ExternalAddress(_service!.Type));
    }

    private void Post(Step step, string action, string body) =>
        Begin(step, new UpnpRequest(++_requestId, _control!, $"\"{_service!.Type}#{action}\"", body));

    private void Begin(Step step, UpnpRequest request)
    {
        _step = step;
        _request = request;
        _requestDue = true;
    }
}
