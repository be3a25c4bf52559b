using CS3103P2P.Protocol;

namespace CS3103P2P.Simulation;

/// <summary>The tracker and the peers of a scenario, in a world.</summary>
internal sealed class Swarm
{
    private readonly World _world;
    private readonly Dictionary<int, SimulatedPeer> _byIndex = [];
    private readonly HashSet<SimulatedPeer> _gone = [];

    public Swarm(World world, Scenario scenario, PlantedBug plant)
    {
        _world = world;
        Tracker = new VirtualTracker(world, new LinkProfile { UpBytesPerSecond = 12_500_000 }, plant == PlantedBug.ImmortalLeases);
        for (int i = 0; i < scenario.Peers.Count; i++)
        {
            if (!scenario.HasPeer(i)) continue;
            var peer = new SimulatedPeer(world, Tracker, scenario.Peers[i], plant);
            _byIndex.Add(i, peer);
            Peers.Add(peer);
            world.Time.Schedule(peer.Plan.StartsAt, () => Begin(peer));
            if (peer.Plan.LeavesAt is { } at) world.Time.Schedule(at, () => Leave(peer));
        }
    }

    public VirtualTracker Tracker { get; }

    public List<SimulatedPeer> Peers { get; } = [];

    public SimulatedPeer? Find(int index) => _byIndex.GetValueOrDefault(index);

    public SimulatedPeer? Find(PeerId id) => Peers.Find(peer => peer.Id == id);

    /// <summary>Whether a peer has gone for good.</summary>
    public bool IsGone(SimulatedPeer peer) => _gone.Contains(peer);

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
        peer.Kill();
    }
}
