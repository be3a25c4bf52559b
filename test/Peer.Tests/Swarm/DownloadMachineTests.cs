using CS3103P2P.Peer.Swarm;
using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Tests.Swarm;

[TestClass]
public sealed class DownloadMachineTests
{
    private const int Chunk = 64 * 1024;

    [TestMethod]
    public void Run_OneHonestPeer_AsksEveryChunkOnce()
    {
        var swarm = new SwarmSimulation(1, (500L * Chunk) + 17, Chunk);
        swarm.Add(new SimulatedPeer { Chunks = All(swarm), BytesPerSecond = 50e6 });
        Assert.IsTrue(swarm.Run(TimeSpan.FromMinutes(1)));
        Assert.AreEqual(501, swarm.Requests);
        Assert.IsLessThan(1.5, swarm.Elapsed.TotalSeconds, "33 MB at 50 MB/s");
    }

    [TestMethod]
    public void Run_SlowAndFastPeers_TakesAboutAsLongAsTheirSumAllows()
    {
        var swarm = new SwarmSimulation(2, 2000L * Chunk, Chunk);
        swarm.Add(new SimulatedPeer { Chunks = All(swarm), BytesPerSecond = 20e6 });
        swarm.Add(new SimulatedPeer { Chunks = All(swarm), BytesPerSecond = 5e6, Latency = TimeSpan.FromMilliseconds(150) });
        swarm.Add(new SimulatedPeer { Chunks = All(swarm), BytesPerSecond = 0.05e6 });
        Assert.IsTrue(swarm.Run(TimeSpan.FromMinutes(10)));
        Assert.IsLessThan(7.0, swarm.Elapsed.TotalSeconds, "131 MB at 25 MB/s takes 5.2 s");
        Assert.IsLessThan(2000 * 1.05, swarm.Requests, "few chunks are asked for twice");
    }

    [TestMethod]
    public void Run_LongFatPath_FillsIt()
    {
        var swarm = new SwarmSimulation(3, 4000L * Chunk, Chunk);
        swarm.Add(new SimulatedPeer { Chunks = All(swarm), BytesPerSecond = 50e6, Latency = TimeSpan.FromMilliseconds(200) });
        Assert.IsTrue(swarm.Run(TimeSpan.FromMinutes(10)));
        Assert.IsLessThan(9.0, swarm.Elapsed.TotalSeconds, "262 MB at 50 MB/s takes 5.3 s");
    }

    [TestMethod]
    public void Run_SmallBudget_IsNeverExceeded()
    {
        var limits = new SwarmLimits { BudgetBytes = 10 * Chunk };
        var swarm = new SwarmSimulation(4, 300L * Chunk, Chunk, limits);
        for (int i = 0; i < 5; i++) swarm.Add(new SimulatedPeer { Chunks = All(swarm) });
        Assert.IsTrue(swarm.Run(TimeSpan.FromMinutes(10)));
        Assert.IsLessThanOrEqualTo(limits.BudgetBytes, swarm.MostBytesInFlight);
    }

    [TestMethod]
    public void Run_LyingPeer_IsBannedAndTheRestComesFromOthers()
    {
        var swarm = new SwarmSimulation(5, 400L * Chunk, Chunk);
        SimulatedPeer liar = swarm.Add(new SimulatedPeer { Chunks = All(swarm), CorruptRate = 1, BytesPerSecond = 100e6 });
        SimulatedPeer hashLiar = swarm.Add(new SimulatedPeer { Chunks = All(swarm), LiesAboutHashes = true, CorruptRate = 1 });
        swarm.Add(new SimulatedPeer { Chunks = All(swarm) });
        Assert.IsTrue(swarm.Run(TimeSpan.FromMinutes(10)));
        Assert.IsTrue(liar.IsBanned);
        Assert.IsTrue(hashLiar.IsBanned);
    }

    [TestMethod]
    public void Run_EverySourceGone_AsksForPeersAndEndsWhenOneComes()
    {
        var swarm = new SwarmSimulation(6, 100L * Chunk, Chunk);
        swarm.Add(new SimulatedPeer { Chunks = All(swarm), DiesAfter = 30 });
        Assert.IsFalse(swarm.Run(TimeSpan.FromSeconds(30)));
        Assert.AreEqual(30, swarm.Machine.VerifiedCount);
        Assert.IsInRange(4, 8, swarm.Refreshes);
        swarm.OnRefresh = () =>
        {
            swarm.OnRefresh = null;
            swarm.Add(new SimulatedPeer { Chunks = All(swarm) });
        };
        Assert.IsTrue(swarm.Run(TimeSpan.FromMinutes(1)));
    }

    [TestMethod]
    public void Run_SilentPeer_LosesItsChunksToAnother()
    {
        var swarm = new SwarmSimulation(7, 200L * Chunk, Chunk);
        SimulatedPeer silent = swarm.Add(new SimulatedPeer { Chunks = All(swarm), SilentAfter = 5, BytesPerSecond = 10e6 });
        swarm.Add(new SimulatedPeer { Chunks = All(swarm), BytesPerSecond = 1e6 });
        Assert.IsTrue(swarm.Run(TimeSpan.FromMinutes(2)));
        Assert.AreEqual(5, silent.Given);
        Assert.IsLessThan(25, swarm.Elapsed.TotalSeconds, "13 MB at 1 MB/s, without waiting for the silent one at the end");
    }

    [TestMethod]
    public void Run_ManyDownloaders_StartAtDifferentChunks()
    {
        var firsts = new HashSet<int>();
        for (int seed = 0; seed < 20; seed++)
        {
            var swarm = new SwarmSimulation(seed, 1000L * Chunk, Chunk);
            swarm.Add(new SimulatedPeer { Chunks = All(swarm) });
            swarm.Run(TimeSpan.FromSeconds(1));
            firsts.Add(swarm.FirstChunks[0]);
            Assert.IsGreaterThan(4, Enumerable.Range(1, 8).Count(i => swarm.FirstChunks[i] != swarm.FirstChunks[i - 1] + 1), $"seed {seed}: not in order");
        }

        Assert.IsGreaterThan(14, firsts.Count);
    }

    [TestMethod]
    public void Run_RareChunks_AreAskedForEarly()
    {
        int rare = 0;
        for (int seed = 0; seed < 30; seed++)
        {
            var swarm = new SwarmSimulation(seed, 200L * Chunk, Chunk);
            for (int i = 0; i < 4; i++) swarm.Add(new SimulatedPeer { Chunks = new ChunkSet(new ChunkRange(0, 180)), BytesPerSecond = 1e3 });
            swarm.Add(new SimulatedPeer { Chunks = All(swarm) });
            Assert.IsFalse(swarm.Run(TimeSpan.FromSeconds(1)));
            rare += swarm.FirstChunks.Count(chunk => chunk >= 180);
        }

        Assert.IsGreaterThan(40, rare, "30 x 6 of these requests go to the one who has them; 18 would be rare by chance");
    }

    [TestMethod]
    public void Run_RandomSwarms_EndWheneverASourceExists()
    {
        int seed = Environment.TickCount;
        for (int round = 0; round < 20; round++)
        {
            try
            {
                RunRandomSwarm(seed + round);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                throw new AssertFailedException($"seed {seed + round}: {e.Message}", e);
            }
        }
    }

    private static void RunRandomSwarm(int seed)
    {
        var random = new Random(seed);
        int chunk = 2048 << random.Next(6);
        var swarm = new SwarmSimulation(seed, random.NextInt64(1, 1500L * chunk), chunk);
        int peers = random.Next(1, 12);
        for (int i = 0; i < peers; i++)
        {
            swarm.Add(new SimulatedPeer
            {
                Chunks = Some(random, swarm.ChunkCount),
                BytesPerSecond = Math.Pow(10, 4 + (3 * random.NextDouble())),
                Latency = TimeSpan.FromMilliseconds(random.Next(1, 300)),
                CorruptRate = random.Next(4) == 0 ? random.NextDouble() : 0,
                BusyRate = random.Next(4) == 0 ? 0.3 * random.NextDouble() : 0,
                RefuseRate = random.Next(4) == 0 ? 0.3 * random.NextDouble() : 0,
                LiesAboutHashes = random.Next(6) == 0,
                SilentAfter = random.Next(4) == 0 ? random.Next(200) : int.MaxValue,
                DiesAfter = random.Next(4) == 0 ? random.Next(200) : int.MaxValue,
            });
        }

        swarm.OnRefresh = () =>
        {
            if (swarm.Elapsed < TimeSpan.FromSeconds(20)) return;
            swarm.OnRefresh = null;
            swarm.Add(new SimulatedPeer { Chunks = All(swarm), BytesPerSecond = 10e6 });
        };
        Assert.IsTrue(swarm.Run(TimeSpan.FromMinutes(60)), $"stuck with {swarm.Machine.VerifiedCount} of {swarm.ChunkCount}");
    }

    private static ChunkSet All(SwarmSimulation swarm) => new(new ChunkRange(0, swarm.ChunkCount));

    private static ChunkSet Some(Random random, int count)
    {
        var set = new ChunkSet();
        for (int i = random.Next(1, 5); i > 0; i--)
        {
            int first = random.Next(count);
            set.Add(new ChunkRange(first, random.Next(1, count - first + 1)));
        }

        return set;
    }
}
