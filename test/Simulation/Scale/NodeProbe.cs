using CS3103P2P.Peer;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>What a whole node of the product takes: measured on a swarm of some that have a small file and keep sharing it.</summary>
/// <param name="Bytes">Managed memory of a node with its connections, the simulator's host, disk and NAT left out.</param>
/// <param name="Connections">Connections that a node then has.</param>
/// <param name="QuestionsPerSecond">Questions to STUN servers of a node that does nothing else.</param>
internal sealed record NodeProbe(long Bytes, double Connections, double QuestionsPerSecond)
{
    private const int Nodes = 24;
    private const int FileBytes = 400_000;
    private const int ChunkBytes = 16_384;
    private static readonly TimeSpan Busy = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(200);
    private static readonly TimeSpan End = TimeSpan.FromSeconds(260);

    /// <summary>Nothing of a program is left on the agenda after so long.</summary>
    private static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(15);

    /// <summary>Runs the swarm.</summary>
    public static async Task<NodeProbe> RunAsync(int seed)
    {
        var random = new Random(seed);
        byte[] content = new byte[FileBytes];
        random.NextBytes(content);
        var fact = new SharedFact("crowd.bin", [(string.Empty, content)], ChunkBytes, isPrivate: false);
        var world = new World(seed, null);
        var swarm = new Swarm(world, new Scenario
        {
            Seed = seed,
            Files = [fact],
            Peers = [.. Enumerable.Range(0, Nodes).Select(index => Plan(index, fact, random))],
            Faults = [],
            FaultsEnd = End,
            HasBitFlips = false,
            Lease = TimeSpan.FromMinutes(2),
            HasRelay = true,
        }, PlantedBug.None);
        await world.RunAsync(default(MonotonicTime) + Busy);
        long busy = ManagedMemory.InUse();
        double connections = swarm.Peers.Average(peer => peer.Program?.Services?.Connections.Count ?? 0);
        await world.RunAsync(default(MonotonicTime) + Idle);
        long before = Questions(swarm);
        await world.RunAsync(default(MonotonicTime) + End);
        double questions = (Questions(swarm) - before) / (double)Nodes / (End - Idle).TotalSeconds;
        foreach (SimulatedPeer peer in swarm.Peers) peer.Kill();
        await world.RunAsync(world.Time.Now + Forgotten);
        long empty = ManagedMemory.InUse();
        GC.KeepAlive(swarm);
        return new NodeProbe(Math.Max(0, busy - empty) / Nodes, connections, questions);
    }

    private static long Questions(Swarm swarm) => swarm.Tracker.StunAnswered + swarm.Servers.Stun.Answered;

    private static PeerPlan Plan(int index, SharedFact fact, Random random) => new()
    {
        Name = $"p{index}",
        Kind = PeerKind.Honest,
        Link = new LinkProfile { Delay = TimeSpan.FromMilliseconds(random.Next(5, 40)) },
        Nat = HomeKind.All[index == 0 ? 0 : HomeKind.Draw(random)].Nat,
        Home = index,
        Port = PeerNodeOptions.DefaultPort,
        UploadLimit = index == 0 ? 4_000_000 : 400_000,
        Shares = index == 0 ? [fact] : [],
        Wants = index == 0 ? [] : [fact],
        StartsAt = TimeSpan.FromMilliseconds(10 + (100 * index)),
    };
}
