using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>A socket of a server, and the loop that drives the protocols on it as the product's own loop does.</summary>
internal sealed class MachineSocket : IVirtualSocket, IPumped
{
    private readonly World _world;
    private readonly VirtualHost _host;
    private readonly IDatagramMachine?[] _machines = new IDatagramMachine?[Enum.GetValues<DatagramKind>().Length];
    private readonly ushort _port;
    private MonotonicTime _armedFor = MonotonicTime.Never;
    private bool _isClosed;

    public MachineSocket(World world, VirtualHost host, ushort port)
    {
        _world = world;
        _host = host;
        _port = host.Open(port, this) ?? throw new InvalidOperationException($"Port {port} of {host.Name} is taken.");
    }

    /// <summary>Does what the users of the machines asked for; called before each drain.</summary>
    public Action? BeforeDrain { get; set; }

    public void Attach(DatagramKind kind, IDatagramMachine machine) => _machines[(int)kind] = machine;

    public void Close()
    {
        _isClosed = true;
        Array.Clear(_machines);
        BeforeDrain = null;
        _host.Close(_port, this);
    }

    public void Abandon() => Close();

    public void Receive(TransportAddress source, byte[] datagram)
    {
        _machines[(int)DatagramClassifier.Classify(datagram)]?.HandleDatagram(_world.Time.Now, source, datagram);
        _world.Touch(this);
    }

    public bool IsTouched { get; set; }

    public void Pump()
    {
        if (_host.IsAsleep || _isClosed) return;
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
                _host.Send(_port, transmit.Destination, datagram, transmit.MayFragment);
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
