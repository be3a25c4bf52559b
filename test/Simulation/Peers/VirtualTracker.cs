using CS3103P2P.Protocol;
using CS3103P2P.Stun;
using CS3103P2P.Tracker.Registry;
using CS3103P2P.Tracker.Udp;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>The product's tracker on a host, with STUN on the same port; a restart forgets everything and makes a new secret.</summary>
internal sealed class VirtualTracker
{
    private const ushort Port = 80;
    private readonly World _world;
    private readonly bool _hasStoppedClock;
    private readonly VirtualRelay? _relay;
    private readonly TimeSpan _lease;
    private MachineSocket? _socket;
    private StunResponderMachine? _stun;
    private long _stunBefore;

    /// <param name="world">Where.</param>
    /// <param name="link">Its link.</param>
    /// <param name="relay">The relay that it tells peers of; null for none.</param>
    /// <param name="lease">The longest lease that it grants.</param>
    /// <param name="hasStoppedClock">A planted bug.</param>
    public VirtualTracker(World world, LinkProfile link, VirtualRelay? relay, TimeSpan lease, bool hasStoppedClock)
    {
        _hasStoppedClock = hasStoppedClock;
        _world = world;
        _relay = relay;
        _lease = lease;
        Host = new VirtualHost(world, "tracker", link, new Site(world.Network, null, world.Fork()));
        Start();
    }

    public VirtualHost Host { get; }

    public TransportAddress Address => Host.Address.WithPort(Port);

    /// <summary>The running program; null while it is down.</summary>
    public TrackerCore? Core { get; private set; }

    /// <summary>STUN questions answered so far.</summary>
    public long StunAnswered => _stunBefore + (_stun?.Answered ?? 0);

    public void Start()
    {
        byte[] secret = new byte[16];
        _world.Chance.NextBytes(secret);
        Core = new TrackerCore(new TrackerCoreOptions { Limits = new RegistryLimits { MaxLease = _lease, DefaultLease = _lease } }, secret, _world.Fork());
        if (_relay is not null) Core.Relay = new RelayDesk(_relay.Address, VirtualRelay.Secret, VirtualTime.UnixSecondsAtZero);
        _socket = new MachineSocket(_world, Host, Port);
        Core.OfferQueued = _ => _world.Touch(_socket);
        IDatagramMachine machine = Core.AddSocket();
        if (_hasStoppedClock) machine = new StoppedClock(machine, _world.Time.Now);
        _socket.Attach(DatagramKind.Tracker, machine);
        foreach (DatagramKind kind in (ReadOnlySpan<DatagramKind>)[DatagramKind.Foreign, DatagramKind.Utp, DatagramKind.TurnChannel])
        {
            _socket.Attach(kind, new InputOnly(machine));
        }

        _socket.Attach(DatagramKind.Stun, _stun = new StunResponderMachine(new StunResponder()));
        _world.Touch(_socket);
    }

    public void Stop()
    {
        if (Core is null) return;
        Core = null;
        _stunBefore = StunAnswered;
        _stun = null;
        _socket!.Close();
    }

    /// <summary>Whatever else arrives is the tracker's too, which answers it with an error; the replies leave by the other machine.</summary>
    private sealed class InputOnly(IDatagramMachine machine) : IDatagramMachine
    {
        public MonotonicTime? Deadline => null;

        public void HandleDatagram(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> datagram) => machine.HandleDatagram(now, source, datagram);

        public void HandleTimeout(MonotonicTime now)
        {
        }

        public bool PollTransmit(MonotonicTime now, Span<byte> buffer, out Transmit transmit)
        {
            transmit = default;
            return false;
        }
    }
}
