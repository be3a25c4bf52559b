using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Udp;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>The product's tracker on a host; a restart forgets everything and makes a new secret.</summary>
internal sealed class VirtualTracker
{
    private const ushort Port = 80;
    private readonly World _world;
    private readonly bool _hasStoppedClock;

    public VirtualTracker(World world, LinkProfile link, bool hasStoppedClock)
    {
        _hasStoppedClock = hasStoppedClock;
        _world = world;
        Host = new VirtualHost(world, "tracker", link, null, Port);
        Start();
    }

    public VirtualHost Host { get; }

    public TransportAddress Address => Host.LocalAddress;

    /// <summary>The running program; null while it is down.</summary>
    public TrackerCore? Core { get; private set; }

    public void Start()
    {
        byte[] secret = new byte[16];
        _world.Chance.NextBytes(secret);
        Core = new TrackerCore(new TrackerCoreOptions(), secret, _world.Fork());
        IDatagramMachine machine = Core.AddSocket();
        Host.Attach(DatagramKind.Tracker, _hasStoppedClock ? new StoppedClock(machine, _world.Time.Now) : machine);
        _world.Touch(Host);
    }

    public void Stop()
    {
        Core = null;
        Host.DetachAll();
    }
}
