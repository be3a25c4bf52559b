using CS3103P2P.Protocol;
using CS3103P2P.Stun;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>The servers and the peers of a scenario, in a world.</summary>
internal sealed class Swarm
{
    private static readonly LinkProfile ServerLink = new() { UpBytesPerSecond = 12_500_000 };
    private static readonly TimeSpan RelayLifetime = TimeSpan.FromSeconds(40);
    private readonly World _world;
    private readonly Dictionary<int, SimulatedPeer> _byIndex = [];
    private readonly Dictionary<int, Site> _homes = [];
    private readonly HashSet<SimulatedPeer> _gone = [];
    private readonly Dictionary<int, MonotonicTime> _disturbed = [];
    private MonotonicTime _serversDisturbed;

    public Swarm(World world, Scenario scenario, PlantedBug plant)
    {
        _world = world;
        VirtualRelay? relay = scenario.HasRelay ? MakeRelay(world, plant) : null;
        var tracker = new VirtualTracker(world, ServerLink, relay, scenario.Lease, plant == PlantedBug.ImmortalLeases);
        Servers = new Neighbourhood(tracker, new VirtualStunServer(world, ServerLink), relay);
        for (int i = 0; i < scenario.Peers.Count; i++)
        {
            if (!scenario.HasPeer(i)) continue;
            PeerPlan plan = scenario.Peers[i];
            if (!_homes.TryGetValue(plan.Home, out Site? home)) _homes.Add(plan.Home, home = new Site(world.Network, plan.Nat, world.Fork()));
            var peer = new SimulatedPeer(world, Servers, home, plan, plant);
            _byIndex.Add(i, peer);
            Peers.Add(peer);
            world.Time.Schedule(peer.Plan.StartsAt, () => Begin(peer));
            if (peer.Plan.LeavesAt is { } at) world.Time.Schedule(at, () => Leave(peer));
        }
    }

    public Neighbourhood Servers { get; }

    // Allocations are short, so that they are refreshed in each run, and not in long ones alone.
    private static VirtualRelay MakeRelay(World world, PlantedBug plant)
    {
        var options = new TurnServerOptions { SharedSecret = VirtualRelay.Secret, DefaultLifetime = RelayLifetime, MaxLifetime = RelayLifetime };
        return new VirtualRelay(world, ServerLink, options) { Forgotten = plant == PlantedBug.RelayForgetsChannels ? new ForgottenChannels() : null };
    }

    public VirtualTracker Tracker => Servers.Tracker;

    public List<SimulatedPeer> Peers { get; } = [];

    public SimulatedPeer? Find(int index) => _byIndex.GetValueOrDefault(index);

    public SimulatedPeer? Find(PeerId id) => Peers.Find(peer => peer.Id == id);

    /// <summary>Whether a peer has gone for good.</summary>
    public bool IsGone(SimulatedPeer peer) => _gone.Contains(peer);

    /// <summary>Until when something was wrong with a peer, its home or a server.</summary>
    public MonotonicTime DisturbedUntil(SimulatedPeer peer)
    {
        MonotonicTime home = _disturbed.GetValueOrDefault(peer.Plan.Home);
        return home > _serversDisturbed ? home : _serversDisturbed;
    }

    /// <summary>Something is wrong with a peer, and with what it shares with others.</summary>
    public void Disturb(SimulatedPeer peer, MonotonicTime until)
    {
        if (until > _disturbed.GetValueOrDefault(peer.Plan.Home)) _disturbed[peer.Plan.Home] = until;
    }

    /// <summary>Something is wrong with a server.</summary>
    public void DisturbServers(MonotonicTime until)
    {
        if (until > _serversDisturbed) _serversDisturbed = until;
    }

    public void StartUnlessGone(SimulatedPeer peer)
    {
        if (!_gone.Contains(peer) && _world.Time.Now.Micros >= peer.Plan.StartsAt.TotalMicroseconds) peer.Start();
    }

    private void Begin(SimulatedPeer peer)
    {
        if (peer.Plan.Kind == PeerKind.Attacker) new Attacker(_world, this, peer).Start();
        else StartUnlessGone(peer);
    }

    private void Leave(SimulatedPeer peer)
    {
        _gone.Add(peer);
        if (peer.Plan.LeavesPolitely && peer.Program is { } program) _ = program.Guard(peer.LeaveAsync());
        else peer.Kill();
    }
}
