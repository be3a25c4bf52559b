using System.Text;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Registry;
using CS3103P2P.Transport;

namespace CS3103P2P.Tracker.Tests.Registry;

[TestClass]
public sealed class TrackerRegistryTests
{
    private static readonly RegistrantKey Alice = RegistrantKey.Proven(TransportAddress.FromIPv4(0x01020304, 6881), default);
    private static readonly RegistrantKey Literal = RegistrantKey.Unproven(TransportAddress.FromIPv4(0x01020305, 1), TransportAddress.FromIPv4(0x01020305, 6881));
    private static readonly ContentDescription Content = new(20 * 2048, 2048, Sha256Digest.Of("one"u8), ShareKind.File);

    [TestMethod]
    public void Refresh_LeaseOver_RemovesEverything()
    {
        var registry = new TrackerRegistry(new RegistryLimits());
        Add(registry, Alice, "f", 0, leaseSeconds: 60);
        registry.HandleTimeout(At(59.9));
        Assert.AreEqual(1, registry.EntryCount);
        registry.HandleTimeout(At(61.1));
        AssertEmpty(registry);
    }

    [TestMethod]
    [DataRow(1, 10.0)]
    [DataRow(60, 60.0)]
    [DataRow(86_400, 3_600.0)]
    [DataRow(0, 120.0)]
    public void Refresh_WishedLease_IsGrantedWithinLimits(int wished, double granted)
    {
        var registry = new TrackerRegistry(new RegistryLimits());
        registry.Refresh(At(0), Alice, wished == 0 ? null : TimeSpan.FromSeconds(wished), out _, out TimeSpan lease);
        Assert.AreEqual(granted, lease.TotalSeconds);
    }

    [TestMethod]
    public void Add_OtherContentOfOwnEntry_StartsAnew()
    {
        var registry = new TrackerRegistry(new RegistryLimits());
        Add(registry, Alice, "f", 0, content: Content);
        Add(registry, Alice, "f", 1, content: Content with { Root = Sha256Digest.Of("two"u8) });
        SwarmEntry entry = registry.FindFile("f"u8)!.Entries.At(0)!.Value;
        Assert.AreEqual("2", entry.Chunks.ToString());
        Assert.AreEqual(1, registry.FindFile("f"u8)!.ContentCount);
        Assert.AreEqual(1, registry.RunCount);
    }

    [TestMethod]
    public void Add_ChunkBeyondTheContent_IsRefused()
    {
        var registry = new TrackerRegistry(new RegistryLimits());
        Assert.AreEqual(RegistryResult.BadDescription, Add(registry, Alice, "f", 20, content: Content));
        Assert.AreEqual(RegistryResult.Done, Add(registry, Alice, "f", 19, content: Content));
        Assert.AreEqual(RegistryResult.BadDescription, Add(registry, Alice, "f", 20));
        Assert.AreEqual(RegistryResult.BadDescription, Add(registry, Alice, "g", 0, content: Content with { ChunkSize = 3000 }));
    }

    [TestMethod]
    public void Add_MainContentLeaves_NextOldestTakesItsPlace()
    {
        var registry = new TrackerRegistry(new RegistryLimits());
        ContentDescription other = Content with { Root = Sha256Digest.Of("two"u8) };
        RegistrantKey bob = RegistrantKey.Proven(TransportAddress.FromIPv4(9, 9), default);
        Add(registry, Alice, "f", 0, content: Content);
        Add(registry, bob, "f", 0, content: other);
        Assert.AreEqual(Content, registry.FindFile("f"u8)!.MainContent!.Description);
        registry.Remove(registry.Find(Alice)!);
        Assert.AreEqual(other, registry.FindFile("f"u8)!.MainContent!.Description);
    }

    [TestMethod]
    public void Add_LimitsReached_AreRefusedAndOthersStay()
    {
        var limits = new RegistryLimits { MaxFiles = 3, MaxEntries = 5, MaxUnprovenEntries = 1, MaxEntriesPerSource = 2, MaxRunsPerEntry = 2 };
        var registry = new TrackerRegistry(limits);
        Assert.AreEqual(RegistryResult.Done, Add(registry, Literal, "a", 0));
        Assert.AreEqual(RegistryResult.Full, Add(registry, Literal, "b", 0));
        Assert.AreEqual(RegistryResult.Done, Add(registry, Alice, "a", 0));
        Assert.AreEqual(RegistryResult.Done, Add(registry, Alice, "a", 2));
        Assert.AreEqual(RegistryResult.TooMuch, Add(registry, Alice, "a", 4));
        Assert.AreEqual(RegistryResult.Done, Add(registry, Alice, "b", 0));
        Assert.AreEqual(RegistryResult.TooMuch, Add(registry, Alice, "c", 0));
        Assert.AreEqual(RegistryResult.Done, Add(registry, Key(7), "c", 0));
        Assert.AreEqual(RegistryResult.Full, Add(registry, Key(8), "d", 0));
        Assert.AreEqual(RegistryResult.Done, Add(registry, Key(8), "c", 0));
        Assert.AreEqual(RegistryResult.Full, Add(registry, Key(9), "a", 0));
        Assert.AreEqual(5, registry.EntryCount);
    }

    [TestMethod]
    [DataRow(11)]
    [DataRow(12)]
    [DataRow(13)]
    public void RandomOperations_AgainstASimpleModel_AgreeAlways(int seed)
    {
        var random = new Random(seed);
        var registry = new TrackerRegistry(new RegistryLimits());
        var model = new RegistryModel();
        double now = 0;
        for (int step = 0; step < 3_000; step++)
        {
            now += random.NextDouble() * 3;
            registry.HandleTimeout(At(now));
            model.Expire(now);
            RegistrantKey key = Key((uint)random.Next(1, 8));
            string name = $"file{random.Next(6)}";
            switch (random.Next(6))
            {
                case < 3:
                    int chunk = random.Next(20);
                    bool unlisted = random.Next(4) == 0;
                    Add(registry, key, name, chunk, leaseSeconds: 30, at: now, listed: !unlisted);
                    model.Add(now, key, name, chunk, !unlisted);
                    break;
                case 3:
                    if (registry.Find(key) is { } gone) registry.Remove(gone);
                    model.Remove(key);
                    break;
                case 4:
                    if (registry.Find(key) is { } smaller) registry.Remove(smaller, Encoding.UTF8.GetBytes(name));
                    model.Remove(key, name);
                    break;
                default:
                    registry.Refresh(At(now), key, TimeSpan.FromSeconds(30), out _, out _);
                    model.Refresh(now, key);
                    break;
            }

            Assert.AreEqual(model.Describe(), Describe(registry), $"seed {seed}, step {step}");
        }

        registry.HandleTimeout(At(now + 100));
        AssertEmpty(registry);
    }

    [TestMethod]
    public void HandleTimeout_ManyLeases_EndInTheirSecond()
    {
        var registry = new TrackerRegistry(new RegistryLimits());
        for (uint i = 1; i <= 1_000; i++) registry.Refresh(At(0), Key(i), TimeSpan.FromSeconds(10 + (i % 100)), out _, out _);
        for (int second = 1; second <= 110; second++)
        {
            registry.HandleTimeout(At(second));
            Assert.AreEqual(second < 10 ? 1_000 : (109 - second) * 10, registry.RegistrantCount, $"after {second} s");
            if (second >= 109) break;
        }

        Assert.IsNull(registry.Deadline);
    }

    private static RegistrantKey Key(uint number) => RegistrantKey.Proven(TransportAddress.FromIPv4(0x0A000000 + number, 6881), default);

    private static MonotonicTime At(double seconds) => new((long)(seconds * 1_000_000));

    private static RegistryResult Add(
        TrackerRegistry registry, RegistrantKey key, string name, int chunk, int leaseSeconds = 60, ContentDescription? content = null, double at = 0, bool? listed = null)
    {
        RegistryResult result = registry.Refresh(At(at), key, TimeSpan.FromSeconds(leaseSeconds), out Registrant? registrant, out _);
        if (registrant is null) return result;
        return registry.Add(registrant, new Offering { Name = Encoding.UTF8.GetBytes(name), Chunk = chunk, Content = content, IsListed = listed });
    }

    private static string Describe(TrackerRegistry registry)
    {
        var lines = new List<string> { $"{registry.RegistrantCount} registrants, {registry.EntryCount} entries" };
        for (int number = 0; number < 6; number++)
        {
            if (registry.FindFile(Encoding.UTF8.GetBytes($"file{number}")) is not { } file) continue;
            var holders = new List<string>();
            for (int slot = 0; slot < file.Entries.SlotCount; slot++)
            {
                if (file.Entries.At(slot) is { } entry) holders.Add($"{entry.Owner.Key.Source}={entry.Chunks}");
            }

            lines.Add($"file{number} {(file.ListedEntries > 0 ? "listed" : "unlisted")}: {string.Join(' ', holders.Order(StringComparer.Ordinal))}");
        }

        int listed = 0;
        for (int slot = 0; slot < registry.ListedFiles.SlotCount; slot++) listed += registry.ListedFiles.At(slot) is null ? 0 : 1;
        Assert.AreEqual(lines.Count(line => line.Contains(" listed", StringComparison.Ordinal)), listed);
        return string.Join('\n', lines);
    }

    private static void AssertEmpty(TrackerRegistry registry)
    {
        Assert.AreEqual(0, registry.EntryCount);
        Assert.AreEqual(0, registry.UnprovenEntryCount);
        Assert.AreEqual(0, registry.RegistrantCount);
        Assert.AreEqual(0, registry.FileCount);
        Assert.AreEqual(0, registry.ListedFiles.Count);
        Assert.AreEqual(0, registry.SourceCount);
        Assert.AreEqual(0, registry.RunCount);
        Assert.IsNull(registry.Deadline);
    }
}
