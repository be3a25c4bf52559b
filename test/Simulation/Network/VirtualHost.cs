using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>A machine on the network with one UDP socket, and the loop that drives the protocols on it as the product's own loop does.</summary>
internal sealed class VirtualHost
{
    private readonly World _world;
    private readonly IDatagramMachine?[] _machines = new IDatagramMachine?[Enum.GetValues<DatagramKind>().Length];
    private MonotonicTime _armedFor = MonotonicTime.Never;

    public VirtualHost(World world, string name, LinkProfile link, NatProfile? nat, ushort port)
    {
        _world = world;
        Name = name;
        Link = link;
        uint address = world.Network.NewAddress();
        if (nat is not null) Nat = new VirtualNat(nat, address, world.Fork());
        LocalAddress = TransportAddress.FromIPv4(nat is null ? address : 0x0A000002, port);
        PublicAddress = address;
        Addresses.Add(address);
        world.Network.Attach(this);
    }

    public string Name { get; }

    public LinkProfile Link { get; set; }

    public VirtualNat? Nat { get; }

    public TransportAddress LocalAddress { get; private set; }

    public uint PublicAddress { get; private set; }

    /// <summary>All public addresses that it ever had.</summary>
    public HashSet<uint> Addresses { get; } = [];

    public RateQueue Uplink { get; } = new();

    public RateQueue Downlink { get; } = new();

    /// <summary>Whether the cable is plugged in.</summary>
    public bool IsOnline { get; set; } = true;

    /// <summary>Whether the machine sleeps: nothing runs, nothing is heard.</summary>
    public bool IsAsleep { get; set; }

    /// <summary>Does what the users of the machines asked for; called before each drain.</summary>
    public Action? BeforeDrain { get; set; }

    /// <summary>May change or swallow what is sent: planted bugs. Returns the length; 0 swallows it.</summary>
    public OutgoingFilter? Outgoing { get; set; }

    public void Attach(DatagramKind kind, IDatagramMachine? machine) => _machines[(int)kind] = machine;

    /// <summary>Nothing runs here any more.</summary>
    public void DetachAll()
    {
        Array.Clear(_machines);
        BeforeDrain = null;
        Outgoing = null;
    }

    /// <summary>Moves to another network.</summary>
    public void Renumber()
    {
        PublicAddress = _world.Network.NewAddress();
        Addresses.Add(PublicAddress);
        if (Nat is { } nat) nat.Renumber(PublicAddress);
        else LocalAddress = TransportAddress.FromIPv4(PublicAddress, LocalAddress.Port);
        _world.Network.Attach(this);
    }

    public void Deliver(TransportAddress source, byte[] datagram)
    {
        if (IsAsleep) return;
        _machines[(int)DatagramClassifier.Classify(datagram)]?.HandleDatagram(_world.Time.Now, source, datagram);
        _world.Touch(this);
    }

    /// <summary>Timers, then drain.</summary>
    public void Pump()
    {
        if (IsAsleep) return;
        MonotonicTime now = _world.Time.Now;
        foreach (IDatagramMachine? machine in _machines)
        {
            if (machine?.Deadline is { } due && due <= now) machine.HandleTimeout(now);
        }

        BeforeDrain?.Invoke();
        foreach (IDatagramMachine? machine in _machines)
        {
            if (machine is not null) Drain(now, machine);
        }

        BeforeDrain?.Invoke();
        Arm();
    }

    private void Drain(MonotonicTime now, IDatagramMachine machine)
    {
        while (machine.PollTransmit(now, _world.SendBuffer, out Transmit transmit))
        {
            for (int at = 0; at < transmit.TotalBytes; at += transmit.SegmentBytes)
            {
                Span<byte> datagram = _world.SendBuffer.AsSpan(at, Math.Min(transmit.SegmentBytes, transmit.TotalBytes - at));
                if (Outgoing is { } filter) datagram = datagram[..filter(datagram)];
                if (!datagram.IsEmpty) _world.Network.Send(this, transmit.Destination, datagram, transmit.MayFragment);
            }
        }
    }

    private void Arm()
    {
        MonotonicTime? next = null;
        foreach (IDatagramMachine? machine in _machines) next = MonotonicTime.Earlier(next, machine?.Deadline);
        if (next is not { } due || due >= _armedFor) return;
        if (due <= _world.Time.Now) due = _world.Time.Now + TimeSpan.FromMicroseconds(1);
        _armedFor = due;
        _world.Time.Schedule(due, () =>
        {
            if (_armedFor != due) return;
            _armedFor = MonotonicTime.Never;
            _world.Touch(this);
        });
    }
}
