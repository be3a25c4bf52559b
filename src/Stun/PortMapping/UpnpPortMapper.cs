using System.Diagnostics.CodeAnalysis;
using System.Text;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.PortMapping;

/// <summary>Decides which port-mapping action a UPnP router is asked for next, and what its errors mean.</summary>
internal sealed class UpnpPortMapper
{
    internal const int MaxAttempts = 6;
    private const int FirstFreePort = 1024;

    /// <summary>Routers forget UPnP mappings when they restart and do not say so: they are asked again this often.</summary>
    internal static readonly TimeSpan LongestRenewal = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan RefusedRetry = TimeSpan.FromMinutes(30);

    private readonly MappingPlan _plan;
    private readonly Random _random;
    private readonly string _client;
    private readonly MappingSlot[] _slots;
    private MappingSlot? _current;
    private int _attempts;
    private bool _anyPort;
    private bool _anyPortUnknown;
    private bool _permanent;
    private bool _samePort;
    private bool _releasing;

    public UpnpPortMapper(MappingPlan plan, Random random)
    {
        _plan = plan;
        _random = random;
        Span<byte> text = stackalloc byte[TransportAddress.MaxTextLength];
        plan.Client.TryFormatAddress(text, out int written);
        _client = Encoding.ASCII.GetString(text[..written]);
        _slots = plan.MapTcp ? [new(MappingTransport.Udp), new(MappingTransport.Tcp)] : [new(MappingTransport.Udp)];
        foreach (MappingSlot slot in _slots) slot.WishedPort = plan.Port;
    }

    public ushort? UdpPort => _slots[0].IsMapped ? _slots[0].ExternalPort : null;

    public ushort? TcpPort => _slots.Length > 1 && _slots[1].IsMapped ? _slots[1].ExternalPort : null;

    public bool IsComplete => Array.TrueForAll(_slots, slot => slot.IsAnswered);

    public PortMappingFailure UdpFailure => _slots[0].Failure;

    public MonotonicTime? Deadline => _slots.Select(slot => slot.DueAt).Aggregate(MonotonicTime.Earlier);

    public void Begin(MonotonicTime now)
    {
        foreach (MappingSlot slot in _slots) slot.DueAt = now;
    }

    public void MakeAnew(MonotonicTime now)
    {
        foreach (MappingSlot slot in _slots)
        {
            if (slot.IsMapped) slot.DueAt = now;
        }
    }

    /// <summary>Writes the next mapping request that is due.</summary>
    public bool TryNext(MonotonicTime now, UpnpService service, [NotNullWhen(true)] out string? action, [NotNullWhen(true)] out string? body)
    {
        action = body = null;
        MappingSlot? slot = Array.Find(_slots, candidate => candidate.DueAt <= now);
        if (slot is null) return false;
        if (slot != _current) (_attempts, _anyPort) = (0, false);
        _current = slot;
        slot.Requested = true;
        _anyPort &= service.CanChoosePort;
        action = _anyPort ? "AddAnyPortMapping" : "AddPortMapping";
        body = SoapWriter.AddMapping(service.Type, action, slot.Transport, slot.WishedPort, _plan, _client, _permanent);
        return true;
    }

    public void BeginRelease()
    {
        _releasing = true;
        _current = null;
    }

    /// <summary>Writes the next removal; false when nothing is left to remove.</summary>
    public bool TryNextRelease(UpnpService service, [NotNullWhen(true)] out string? body)
    {
        body = null;
        _current = Array.Find(_slots, slot => slot.Requested);
        if (_current is null) return false;
        body = SoapWriter.DeleteMapping(service.Type, _current.Transport, _current.WishedPort);
        return true;
    }

    /// <summary>Takes the router's answer to the last request: 0 or an error code, and the port it chose if it did.</summary>
    public void HandleAnswer(MonotonicTime now, int error, ushort chosenPort)
    {
        if (_current is not { } slot) return;
        if (_releasing)
        {
            slot.Forget();
            return;
        }

        if (error != 0)
        {
            HandleError(now, slot, error);
            return;
        }

        ushort port = _anyPort && chosenPort != 0 ? chosenPort : slot.WishedPort;
        slot.Grant(now, port, _permanent ? TimeSpan.FromDays(1) : _plan.Lifetime, LongestRenewal, _random);
        if (slot == _slots[0] && TcpPort is null && _slots.Length > 1) _slots[1].WishedPort = port;
        _current = null;
    }

    /// <summary>The router did not answer the last request.</summary>
    public void HandleSilence(MonotonicTime retryAt)
    {
        if (_current is not { } slot) return;
        if (_releasing) slot.Forget();
        else slot.DueAt = retryAt;
    }

    private void HandleError(MonotonicTime now, MappingSlot slot, int error)
    {
        slot.Requested = slot.IsMapped; // what was refused is not ours to remove
        if (++_attempts >= MaxAttempts || !TryOtherwise(slot, error))
        {
            slot.Refuse(UpnpError.ToFailure(error), now + RefusedRetry);
            _current = null;
        }
    }

    // Changes the request so that the same error cannot come again; false when there is no other way to ask.
    private bool TryOtherwise(MappingSlot slot, int error)
    {
        switch (error)
        {
            case UpnpError.OnlyPermanentLeasesSupported or UpnpError.InvalidArguments or UpnpError.ActionFailed when !_permanent:
                _permanent = true; // some routers say 402 or 501 where they mean 725
                return true;
            case UpnpError.SamePortValuesRequired when slot.WishedPort != _plan.Port:
                _samePort = true;
                slot.WishedPort = _plan.Port;
                return true;
            case UpnpError.InvalidAction when _anyPort:
                _anyPort = false;
                _anyPortUnknown = true;
                slot.WishedPort = AnotherPort();
                return true;
            case UpnpError.ConflictInMappingEntry or UpnpError.ConflictWithOtherMechanisms when !_samePort:
                if (_attempts == 1 && !_anyPortUnknown) _anyPort = true;
                else _anyPort = false;
                slot.WishedPort = AnotherPort();
                return true;
            default:
                return false;
        }
    }

    private ushort AnotherPort() => (ushort)_random.Next(FirstFreePort, ushort.MaxValue + 1);
}
