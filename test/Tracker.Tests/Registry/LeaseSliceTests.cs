using System.Text;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Registry;
using CS3103P2P.Tracker.Udp;
using CS3103P2P.Transport;

namespace CS3103P2P.Tracker.Tests.Registry;

/// <summary>Requests wait while leases end: so what goes in one turn of a loop is counted here, on virtual time.</summary>
[TestClass]
public sealed class LeaseSliceTests
{
    private const int EntriesPerPeer = 10;

    [TestMethod]
    public void HandleTimeout_VeryManyLeasesEnd_GoesInSlices()
    {
        const int Peers = 2_000;
        TrackerRegistry registry = Filled(Peers, EntriesPerPeer, new TrackerRegistry(new RegistryLimits()));
        MonotonicTime end = At(10);
        int turns = 0;
        for (int before = Steps(registry); before > 0; before = Steps(registry), turns++)
        {
            registry.HandleTimeout(end);
            Assert.IsLessThanOrEqualTo(TrackerRegistry.MaxEndedAtOnce + 1, before - Steps(registry), $"turn {turns}");
            Assert.AreEqual(registry.EntryCount > 0, registry.Deadline <= end, $"turn {turns}");
        }

        Assert.AreEqual((Peers * (EntriesPerPeer + 1) / TrackerRegistry.MaxEndedAtOnce) + 1, turns, 10);
        Assert.IsNull(registry.Deadline);
        Assert.IsNull(registry.FindFile("f0"u8));
    }

    [TestMethod]
    public void HandleTimeout_LongAfterTheLeases_GoesInLargerSlicesUpToALimit()
    {
        TrackerRegistry registry = Filled(1_000, EntriesPerPeer, new TrackerRegistry(new RegistryLimits()));
        int before = Steps(registry);
        registry.HandleTimeout(At(10 + 60));
        Assert.AreEqual(3 * TrackerRegistry.MaxEndedAtOnce, before - Steps(registry), 20);
        before = Steps(registry);
        registry.HandleTimeout(At(3_600));
        Assert.IsLessThanOrEqualTo(TrackerRegistry.MostEndedAtOnce + 1, before - Steps(registry));
        Assert.IsGreaterThanOrEqualTo(TrackerRegistry.MostEndedAtOnce - 1, before - Steps(registry));
    }

    [TestMethod]
    public void Loop_UnderLoadWhileAllLeasesEnd_DoesFewStepsATurnAndFreesAll()
    {
        const int RequestsPerTurn = 16, Peers = 2_000, MostStepsATurn = 256;
        var core = new TrackerCore(new TrackerCoreOptions(), "0123456789abcdef"u8, new Random(1));
        TrackerMachine machine = core.AddSocket();
        Filled(Peers, EntriesPerPeer, core.Registry);
        MonotonicTime now = At(12);
        byte[] request = "REQUEST 1 f0 id=1"u8.ToArray(), reply = new byte[TrackerLimits.MaxRequestBytes];
        var source = TransportAddress.FromIPv4(0x7F000001, 5);
        int turns = 0;
        for (int before = Steps(core.Registry); before > 0; before = Steps(core.Registry), turns++)
        {
            for (int i = 0; i < RequestsPerTurn; i++) Assert.IsGreaterThan(0, core.Answer(now, 0, source, request, reply));
            if (machine.Deadline <= now) machine.HandleTimeout(now);
            Assert.IsLessThanOrEqualTo(MostStepsATurn, before - Steps(core.Registry), $"turn {turns}");
        }

        Assert.IsLessThanOrEqualTo(Peers * (EntriesPerPeer + 1) / TrackerRegistry.MaxEndedAtOnce, turns);
    }

    [TestMethod]
    public void HandleTimeout_VeryManyLeasesEnd_AllocatesNextToNothing()
    {
        const int Peers = 10_000, MostBytes = 4_096;   // when each entry took as little as four bytes, that made 400,000
        TrackerRegistry registry = Filled(Peers, EntriesPerPeer, new TrackerRegistry(new RegistryLimits()));
        Filled(1, EntriesPerPeer, registry, seconds: 60);
        registry.HandleTimeout(At(10));   // compiles
        long before = GC.GetAllocatedBytesForCurrentThread();
        while (registry.Deadline <= At(10)) registry.HandleTimeout(At(10));
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.AreEqual(EntriesPerPeer + 1, Steps(registry));
        Assert.IsLessThanOrEqualTo(MostBytes, allocated);
    }

    [TestMethod]
    public void HandleTimeout_ManyFilesEnd_AllocatesNextToNothing()
    {
        const int Files = 500, PeersPerFile = 100, MostBytes = 4_096;   // 200 bytes a file would make 100,000
        TrackerRegistry registry = Filled(PeersPerFile, Files, new TrackerRegistry(new RegistryLimits()));
        registry.HandleTimeout(At(10));   // compiles
        long before = GC.GetAllocatedBytesForCurrentThread();
        while (registry.Deadline <= At(10)) registry.HandleTimeout(At(10));
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.AreEqual(0, Steps(registry));
        Assert.IsLessThanOrEqualTo(MostBytes, allocated);
    }

    [TestMethod]
    public void Remove_RegistrantWithVeryManyEntries_GoesInSlicesAndIsWrittenDown()
    {
        const int Entries = 10_000;
        var registry = new TrackerRegistry(new RegistryLimits()) { Journal = new RegistryJournal() };
        Registrant large = Filled(1, Entries, registry).Find(Key(0))!;
        registry.Remove(large);
        Assert.AreEqual(Entries - TrackerRegistry.MaxEndedAtOnce, registry.EntryCount);
        Assert.AreEqual(0, registry.Journal.LeftCount);
        while (registry.Deadline <= At(1)) registry.HandleTimeout(At(1));
        Assert.AreEqual(0, Steps(registry));
        Assert.AreEqual(1, registry.Journal.LeftCount);
    }

    [TestMethod]
    public void Remove_ThenRefreshBeforeAllWent_StaysWithWhatItHas()
    {
        const int Entries = 1_000;
        TrackerRegistry registry = Filled(1, Entries, new TrackerRegistry(new RegistryLimits()));
        registry.Remove(registry.Find(Key(0))!);
        registry.Refresh(At(1), Key(0), TimeSpan.FromSeconds(60), out Registrant? back, out _);
        for (int turn = 0; turn < Entries; turn++) registry.HandleTimeout(At(30));
        Assert.AreEqual(Entries - TrackerRegistry.MaxEndedAtOnce, back!.EntryCount);
        Assert.AreEqual(back.EntryCount, registry.EntryCount);
        for (int turn = 0; turn < Entries; turn++) registry.HandleTimeout(At(62));
        Assert.AreEqual(0, Steps(registry));
    }

    private static int Steps(TrackerRegistry registry) => registry.EntryCount + registry.RegistrantCount;

    private static MonotonicTime At(double seconds) => new((long)(seconds * 1_000_000));

    private static RegistrantKey Key(uint peer) => RegistrantKey.Proven(TransportAddress.FromIPv4(0x0A000000 + peer, 1), default);

    private static TrackerRegistry Filled(uint peers, int entriesPerPeer, TrackerRegistry registry, double seconds = 10)
    {
        for (uint peer = 0; peer < peers; peer++)
        {
            registry.Refresh(At(0), Key(peer), TimeSpan.FromSeconds(seconds), out Registrant? registrant, out _);
            for (int entry = 0; entry < entriesPerPeer; entry++)
            {
                RegistryResult result = registry.Add(registrant!, new Offering { Name = Encoding.ASCII.GetBytes($"f{entry}"), Chunk = 0 });
                Assert.AreEqual(RegistryResult.Done, result);
            }
        }

        return registry;
    }
}
