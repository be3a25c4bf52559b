using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.PortMapping;

/// <summary>
/// Asks the router by all protocols at once, maps by the best that answers (PCP, then NAT-PMP, then UPnP), goes on to the next when it
/// refuses, and begins again when everything is lost. Beside it, an IPv6 pinhole by PCP. Owned by one loop; not thread-safe.
/// </summary>
/// <remarks>After each input: drain <see cref="PollTransmit"/> and <see cref="PollHttp"/>, then sleep until <see cref="Deadline"/>.</remarks>
internal sealed class PortMappingAgent
{
    /// <summary>How long a lesser protocol waits for a better one to answer.</summary>
    internal static readonly TimeSpan PreferenceWindow = TimeSpan.FromSeconds(1);

    /// <summary>Silence after which the status counts as settled; questions go on at the protocols' own pace.</summary>
    internal static readonly TimeSpan SettleTimeout = TimeSpan.FromSeconds(4);

    /// <summary>How long a protocol that answered the probe may take to map.</summary>
    internal static readonly TimeSpan MapTimeout = TimeSpan.FromSeconds(8);

    /// <summary>While nothing is mapped, everything is asked again from the beginning after this.</summary>
    internal static readonly TimeSpan RetryInterval = TimeSpan.FromMinutes(15);

    private const int RequestsPerRestart = 1_000_000;
    private readonly MappingPlan _plan;
    private readonly Random _random;
    private readonly Func<PcpNonce> _nonces;
    private readonly List<IMappingMachine> _rejected = [];
    private IMappingMachine[] _machines = [];
    private UpnpMachine _upnp = null!;
    private IMappingMachine? _active;
    private GatewayMachine? _pinhole;
    private MonotonicTime? _preferUntil;
    private MonotonicTime? _chooseAt;
    private MonotonicTime _settleAt;
    private MonotonicTime? _mapBy;
    private MonotonicTime? _retryAt;
    private MonotonicTime? _pinholeRetryAt;
    private TransportAddress? _reflexive;
    private int _restarts;
    private bool _settled;
    private bool _releasing;

    /// <param name="plan">What to map, and where.</param>
    /// <param name="nonces">Makes unpredictable nonces: who guesses one can remove the mapping.</param>
    /// <param name="now">The present time.</param>
    /// <param name="random">For jitter and port choice only.</param>
    public PortMappingAgent(MappingPlan plan, Func<PcpNonce> nonces, MonotonicTime now, Random random)
    {
        _plan = plan;
        _nonces = nonces;
        _random = random;
        Restart(now);
        RestartPinhole(now);
    }

    /// <summary>Whether everything that was mapped has been removed, after <see cref="Release"/>.</summary>
    public bool IsReleased => _releasing && Everyone().All(machine => machine.Phase == MappingPhase.Released);

    public MonotonicTime? Deadline
    {
        get
        {
            MonotonicTime? deadline = _settled || _releasing ? null : _settleAt;
            if (!_releasing)
            {
                deadline = MonotonicTime.Earlier(deadline, _chooseAt);
                deadline = MonotonicTime.Earlier(deadline, _mapBy);
                deadline = MonotonicTime.Earlier(deadline, _retryAt);
                deadline = MonotonicTime.Earlier(deadline, _pinholeRetryAt);
            }

            foreach (IMappingMachine machine in Everyone()) deadline = MonotonicTime.Earlier(deadline, machine.Deadline);
            return deadline;
        }
    }

    public PortMappingStatus Status
    {
        get
        {
            TransportAddress? external = _active?.ExternalAddress ?? _machines.Select(machine => machine.ExternalAddress).FirstOrDefault(address => address is not null);
            bool mapped = _active is { Phase: MappingPhase.Mapped };
            if (_releasing) return new PortMappingStatus { IsSettled = true, Failure = PortMappingFailure.Stopped };
            PortMappingFailure failure = mapped || !_settled ? PortMappingFailure.None : WorstFailure();
            return new PortMappingStatus
            {
                IsSettled = _settled,
                Protocol = mapped ? _active!.Protocol : PortMappingProtocol.None,
                Udp = mapped ? At(external, _active!.UdpPort) : null,
                Tcp = mapped ? At(external, _active!.TcpPort) : null,
                PinholeUdp = At(_plan.Client6, _pinhole?.UdpPort),
                PinholeTcp = At(_plan.Client6, _pinhole?.TcpPort),
                ExternalAddress = external,
                IsDoubleNat = IsDoubleNat(external, failure),
                Failure = failure,
            };
        }
    }

    /// <summary>Takes what a STUN server sees.</summary>
    public void HandleReflexiveAddress(TransportAddress address) => _reflexive = address.WithPort(0);

    public void HandleDatagram(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> datagram)
    {
        foreach (IMappingMachine machine in Everyone()) machine.HandleDatagram(now, source, datagram);
        Evaluate(now);
    }

    public void HandleHttp(MonotonicTime now, int id, int status, ReadOnlySpan<byte> body)
    {
        _upnp.HandleHttp(now, id, status, body);
        Evaluate(now);
    }

    public void HandleTimeout(MonotonicTime now)
    {
        foreach (IMappingMachine machine in Everyone()) machine.HandleTimeout(now);
        if (!_settled && now >= _settleAt) _settled = true;
        Evaluate(now);
    }

    public bool PollTransmit(MonotonicTime now, Span<byte> buffer, out Transmit transmit)
    {
        foreach (IMappingMachine machine in Everyone())
        {
            if (machine.PollTransmit(now, buffer, out transmit)) return true;
        }

        transmit = default;
        return false;
    }

    public UpnpRequest? PollHttp() => _upnp.PollHttp();

    /// <summary>Begins to remove everything.</summary>
    public void Release(MonotonicTime now)
    {
        _releasing = true;
        foreach (IMappingMachine machine in Everyone()) machine.Release(now);
    }

    private static TransportAddress? At(TransportAddress? address, ushort? port) =>
        address is { } known && port is { } number ? known.WithPort(number) : null;

    private IEnumerable<IMappingMachine> Everyone() => _pinhole is null ? _machines : _machines.Append(_pinhole);

    private void Restart(MonotonicTime now)
    {
        var pcp = new GatewayMachine(new PcpWire(_plan.Client.WithPort(0), _plan.Port, _nonces(), _nonces()), _plan.Gateway, _plan, now, _random);
        var natPmp = new GatewayMachine(new NatPmpWire(_plan.Port), _plan.Gateway, _plan, now, _random);

        // HTTP answers carry the number of their request: a new machine must not take an old one's.
        _upnp = new UpnpMachine(_plan, now, _random, _restarts++ * RequestsPerRestart);
        _machines = [pcp, natPmp, _upnp];
        _rejected.Clear();
        _active = null;
        _preferUntil = _chooseAt = _mapBy = _retryAt = null;
        _settleAt = now + SettleTimeout;
    }

    private void RestartPinhole(MonotonicTime now)
    {
        _pinholeRetryAt = null;
        if (_plan is not { Client6: { } client, Gateway6: { } gateway }) return;
        _pinhole = new GatewayMachine(new PcpWire(client.WithPort(0), _plan.Port, _nonces(), _nonces()), gateway, _plan, now, _random);
    }

    private void Evaluate(MonotonicTime now)
    {
        if (_releasing) return;
        EvaluatePinhole(now);
        if (_retryAt <= now) Restart(now);
        if (_active is not null) EvaluateActive(now);
        if (_active is null) Choose(now);
    }

    private void EvaluatePinhole(MonotonicTime now)
    {
        if (_pinhole is null) return;
        if (_pinholeRetryAt <= now) RestartPinhole(now);
        else if (_pinhole.Phase == MappingPhase.Available) _pinhole.Map(now);
        else if (_pinhole.Phase == MappingPhase.Failed) _pinholeRetryAt ??= now + RetryInterval;
    }

    private void EvaluateActive(MonotonicTime now)
    {
        IMappingMachine active = _active!;
        if (active.Phase == MappingPhase.Mapped)
        {
            // TCP follows UDP at once; settled means that both have been answered, or had their time.
            if (_mapBy is not null && (active.IsComplete || _mapBy <= now)) Settle(now);
            return;
        }

        if (active.Phase == MappingPhase.Mapping && !(_mapBy <= now)) return;
        bool wasMapped = _mapBy is null;
        if (wasMapped)
        {
            Restart(now); // kept for hours and then lost: the network is another one now
            return;
        }

        active.Release(now);
        _rejected.Add(active);
        _active = null;
        _mapBy = null;
    }

    private void Settle(MonotonicTime now)
    {
        _settled = true;
        _mapBy = null;
        foreach (IMappingMachine machine in _machines)
        {
            if (machine != _active) machine.Release(now); // asks no more
        }
    }

    private void Choose(MonotonicTime now)
    {
        IMappingMachine? best = Array.Find(_machines, machine => machine.Phase == MappingPhase.Available && !_rejected.Contains(machine));
        if (best is null)
        {
            // A silent router is asked on at each protocol's pace, and from the beginning after a while: UPnP gives up for good.
            _chooseAt = null;
            _retryAt ??= now + RetryInterval;
            if (_machines.All(machine => machine.Phase == MappingPhase.Failed || _rejected.Contains(machine))) _settled = true;
            return;
        }

        _preferUntil ??= now + PreferenceWindow;
        bool betterMayCome = now < _preferUntil && _machines.TakeWhile(machine => machine != best).Any(machine => machine.Phase == MappingPhase.Probing);
        _chooseAt = betterMayCome ? _preferUntil : null;
        if (betterMayCome) return;
        _active = best;
        _retryAt = null;
        _mapBy = now + MapTimeout;
        best.Map(now);
    }

    private bool IsDoubleNat(TransportAddress? external, PortMappingFailure failure)
    {
        if (failure == PortMappingFailure.AddressMismatch) return true;
        if (external is not { } address) return false;
        return !AddressScope.IsPublic(address) || (_reflexive is { IsIPv4: true } seen && seen != address);
    }

    // The first protocol that answered tells most; silence counts only when all are silent.
    private PortMappingFailure WorstFailure()
    {
        PortMappingFailure best = PortMappingFailure.NoAnswer;
        foreach (IMappingMachine machine in _machines)
        {
            PortMappingFailure failure = machine.Failure;
            if (failure is PortMappingFailure.None or PortMappingFailure.NoAnswer) continue;
            if (best == PortMappingFailure.NoAnswer || best == PortMappingFailure.Unsupported) best = failure;
        }

        return best;
    }
}
