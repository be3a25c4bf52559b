using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.PortMapping;

/// <summary>
/// Keeps the mappings of one port at one router by PCP or NAT-PMP: one request at a time (RFC 6886 §3.1), repeated until answered, renewed
/// after half the lifetime, made anew when the router has restarted or its outer address changed. Owned by one loop; not thread-safe.
/// </summary>
internal sealed class GatewayMachine : IMappingMachine
{
    /// <summary>How often a router with mappings is asked for its epoch, so that a restart shows before the next renewal.</summary>
    internal static readonly TimeSpan CheckInterval = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan RefusedRetry = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan SilentRetry = TimeSpan.FromMinutes(1);

    private readonly IGatewayWire _wire;
    private readonly TransportAddress _gateway;
    private readonly uint _lifetimeSeconds;
    private readonly Random _random;
    private readonly ServerEpoch _epoch;
    private readonly MappingSlot[] _slots;
    private Work _work = Work.Probe;
    private MappingSlot? _current;
    private int _sends;
    private TimeSpan _wait;
    private MonotonicTime _sendAt;
    private bool _sendDue = true;
    private MonotonicTime? _checkAt;

    public GatewayMachine(IGatewayWire wire, TransportAddress gateway, MappingPlan plan, MonotonicTime now, Random random)
    {
        _wire = wire;
        _gateway = gateway;
        _lifetimeSeconds = plan.LifetimeSeconds;
        _random = random;
        _epoch = new ServerEpoch(wire.DistrustsEpochAhead);
        _slots = plan.MapTcp ? [new(MappingTransport.Udp), new(MappingTransport.Tcp)] : [new(MappingTransport.Udp)];
        foreach (MappingSlot slot in _slots) slot.WishedPort = plan.Port;
        _sendAt = now;
    }

    private enum Work
    {
        None,
        Probe,
        Map,
        Delete,
    }

    public PortMappingProtocol Protocol => _wire.Protocol;

    public MappingPhase Phase { get; private set; } = MappingPhase.Probing;

    public PortMappingFailure Failure { get; private set; }

    public TransportAddress? ExternalAddress { get; private set; }

    public ushort? UdpPort => PortOf(_slots[0]);

    public ushort? TcpPort => _slots.Length > 1 ? PortOf(_slots[1]) : null;

    public bool IsComplete => Array.TrueForAll(_slots, slot => slot.IsAnswered);

    public MonotonicTime? Deadline
    {
        get
        {
            MonotonicTime? deadline = _work == Work.None ? null : _sendAt;
            if (Phase is not (MappingPhase.Mapping or MappingPhase.Mapped)) return deadline;
            if (_work == Work.None) deadline = MonotonicTime.Earlier(deadline, _checkAt);
            foreach (MappingSlot slot in _slots)
            {
                if (slot.IsMapped) deadline = MonotonicTime.Earlier(deadline, slot.ExpiresAt);
                if (_work is Work.None or Work.Probe) deadline = MonotonicTime.Earlier(deadline, slot.DueAt);
            }

            return deadline;
        }
    }

    public void Map(MonotonicTime now)
    {
        if (Phase != MappingPhase.Available) throw new InvalidOperationException("The router has not answered yet.");
        Phase = MappingPhase.Mapping;
        _checkAt = now + CheckInterval;
        foreach (MappingSlot slot in _slots) slot.DueAt = now;
        Advance(now);
    }

    public void Release(MonotonicTime now)
    {
        if (Phase is MappingPhase.Releasing or MappingPhase.Released) return;
        Phase = MappingPhase.Releasing;
        Finish();
        Advance(now);
    }

    public void HandleTimeout(MonotonicTime now)
    {
        if (Phase is MappingPhase.Mapping or MappingPhase.Mapped) ExpireSlots(now);
        Advance(now);
        if (_work == Work.None || _sendDue || now < _sendAt) return;
        if (_sends < _wire.MaxSends) _sendDue = true;
        else GiveUp(now);
    }

    public void HandleDatagram(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> datagram)
    {
        if (source.AddressBits != _gateway.AddressBits || source.Port != _gateway.Port) return;
        GatewayAnswer answer = _wire.Read(datagram);
        switch (answer.Kind)
        {
            case GatewayAnswerKind.WrongVersion when Phase == MappingPhase.Probing:
                Fail(answer.Failure);
                break;
            case GatewayAnswerKind.Probe:
                if (_epoch.Update(now, answer.EpochSeconds)) MakeAnew(now, except: null);
                HandleProbe(now, answer);
                break;
            case GatewayAnswerKind.Map when _current?.Transport == answer.Transport:
                if (_epoch.Update(now, answer.EpochSeconds)) MakeAnew(now, except: _current);
                HandleMap(now, _current, answer);
                break;
        }

        Advance(now);
    }

    public bool PollTransmit(MonotonicTime now, Span<byte> buffer, out Transmit transmit)
    {
        transmit = default;
        if (!_sendDue || _work == Work.None) return false;
        _sendDue = false;
        int written = _work == Work.Probe ? _wire.WriteProbe(buffer) : WriteMap(buffer, _current!);
        _wait = _wire.RetransmitAfter(++_sends, _wait, _random);
        _sendAt = now + _wait;
        transmit = new Transmit(_gateway, written);
        return true;
    }

    private static ushort? PortOf(MappingSlot slot) => slot.IsMapped ? slot.ExternalPort : null;

    private int WriteMap(Span<byte> buffer, MappingSlot slot)
    {
        TransportAddress wished = ExternalAddress is { } known && known.IsIPv4 == _gateway.IsIPv4 ? known : default;
        bool delete = _work == Work.Delete;
        slot.Requested = true;
        return _wire.WriteMap(buffer, slot.Transport, wished.WithPort(slot.WishedPort), delete ? 0 : _lifetimeSeconds);
    }

    private void HandleProbe(MonotonicTime now, in GatewayAnswer answer)
    {
        if (_work == Work.Probe) Finish();
        if (Phase is MappingPhase.Mapping or MappingPhase.Mapped) _checkAt = now + CheckInterval;
        if (answer.Failure != PortMappingFailure.None)
        {
            if (Phase == MappingPhase.Probing) Fail(answer.Failure);
            return;
        }

        if (!answer.External.IsUnspecified) LearnExternalAddress(now, answer.External.WithPort(0), except: null);
        if (Phase == MappingPhase.Probing) Phase = MappingPhase.Available;
    }

    private void HandleMap(MonotonicTime now, MappingSlot slot, in GatewayAnswer answer)
    {
        bool deleted = _work == Work.Delete;
        Finish();
        if (deleted)
        {
            slot.Forget();
            return;
        }

        bool granted = answer.Failure == PortMappingFailure.None && answer.LifetimeSeconds > 0 && answer.External.Port > 0;
        if (!granted)
        {
            Refuse(now, slot, answer.Failure == PortMappingFailure.None ? PortMappingFailure.Malformed : answer.Failure);
            return;
        }

        slot.Grant(now, answer.External.Port, TimeSpan.FromSeconds(answer.LifetimeSeconds), TimeSpan.MaxValue, _random);
        if (!answer.External.IsUnspecified) LearnExternalAddress(now, answer.External.WithPort(0), except: slot);

        // One number for both is the wish; TCP follows what UDP got.
        if (slot == _slots[0] && TcpPort is null && _slots.Length > 1) _slots[1].WishedPort = slot.ExternalPort;
        if (UdpPort is not null) Phase = MappingPhase.Mapped;
    }

    private void LearnExternalAddress(MonotonicTime now, TransportAddress address, MappingSlot? except)
    {
        bool changed = ExternalAddress is { } known && known != address;
        ExternalAddress = address;
        if (changed) MakeAnew(now, except);
    }

    private void MakeAnew(MonotonicTime now, MappingSlot? except)
    {
        foreach (MappingSlot slot in _slots)
        {
            if (slot.IsMapped && slot != except) slot.DueAt = now;
        }
    }

    private void Refuse(MonotonicTime now, MappingSlot slot, PortMappingFailure failure)
    {
        slot.Refuse(failure, now + RefusedRetry);
        if (slot == _slots[0]) Fail(failure);
    }

    private void ExpireSlots(MonotonicTime now)
    {
        foreach (MappingSlot slot in _slots)
        {
            if (!slot.IsMapped || now < slot.ExpiresAt) continue;
            slot.Refuse(PortMappingFailure.NoAnswer, now);
            if (slot == _slots[0]) Fail(PortMappingFailure.NoAnswer);
        }
    }

    private void GiveUp(MonotonicTime now)
    {
        MappingSlot? slot = _current;
        Work work = _work;
        Finish();
        if (work == Work.Probe && Phase == MappingPhase.Probing) Fail(PortMappingFailure.NoAnswer);
        else if (work == Work.Probe) _checkAt = now + CheckInterval;
        else if (work == Work.Delete) slot!.Forget();
        else if (slot!.IsMapped) slot.DueAt = now + SilentRetry;
        else Refuse(now, slot, PortMappingFailure.NoAnswer);
        Advance(now);
    }

    private void Fail(PortMappingFailure failure)
    {
        Phase = MappingPhase.Failed;
        Failure = failure;
        Finish();
    }

    private void Finish()
    {
        _work = Work.None;
        _current = null;
        _sendDue = false;
    }

    private void Begin(MonotonicTime now, Work work, MappingSlot? slot)
    {
        _work = work;
        _current = slot;
        _sends = 0;
        _wait = TimeSpan.Zero;
        _sendAt = now;
        _sendDue = true;
    }

    // Chooses the next request when none is under way; a mere check gives way to a mapping.
    private void Advance(MonotonicTime now)
    {
        bool isFree = _work == Work.None;
        if (Phase == MappingPhase.Releasing && isFree)
        {
            MappingSlot? next = Array.Find(_slots, slot => slot.Requested);
            if (next is null) Phase = MappingPhase.Released;
            else Begin(now, Work.Delete, next);
        }

        if (Phase is not (MappingPhase.Mapping or MappingPhase.Mapped) || !(isFree || _work == Work.Probe)) return;
        MappingSlot? due = Array.Find(_slots, slot => slot.DueAt <= now);
        if (due is not null) Begin(now, Work.Map, due);
        else if (isFree && _checkAt <= now) Begin(now, Work.Probe, null);
    }
}
