using System.Text;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Hosting;
using CS3103P2P.Tracker.Registry;
using CS3103P2P.Tracker.Snapshots;
using CS3103P2P.Tracker.Udp;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace CS3103P2P.Tracker.Tests.Hosting;

/// <summary>A copy and the changes after it give back the registry, wherever its writer was killed.</summary>
[TestClass]
public sealed class ChangeFilesTests
{
    private const int Seed = 20261121;
    private const int Peers = 40;
    private const int Names = 12;

    private readonly string _folder = Directory.CreateTempSubdirectory("p2p-changes-").FullName;

    public required TestContext TestContext { get; init; }

    private string State => Path.Combine(_folder, "registry.state");

    [TestCleanup]
    public void Clean() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public async Task Load_AfterRandomChangesAroundCopies_GivesBackTheRegistry()
    {
        for (int round = 0; round < 15; round++)
        {
            var random = new Random(Seed + round);
            RegistryDoor door = NewDoor();
            Enter(door, registry => registry.Journal = new RegistryJournal());
            using (var changes = new ChangeFiles(State, door))
            {
                for (int copy = 0; copy < 3; copy++)
                {
                    changes.Begin();
                    await CopyAsync(door, changes, random);
                    if (random.Next(3) > 0) changes.Forget(all: false);   // otherwise killed between the copy and this
                }

                for (int i = random.Next(4); i > 0; i--)
                {
                    Change(door, random, 20);
                    await changes.WriteAsync(_ => Task.CompletedTask);
                }
            }

            RegistryDoor again = NewDoor();
            Assert.AreEqual(SnapshotError.None, new SnapshotFile(State, again).Load(TestContext.CancellationToken));
            using var after = new ChangeFiles(State, again);
            after.Load(NullLogger.Instance, TestContext.CancellationToken);
            CollectionAssert.AreEquivalent(Describe(door), Describe(again), $"seed {Seed + round}");
            after.Begin();
            after.Forget(all: true);
            Assert.HasCount(1, Directory.GetFiles(_folder));
        }
    }

    [TestMethod]
    public async Task Load_EveryTruncation_GivesBackWhatStandsBeforeIt()
    {
        RegistryDoor door = NewDoor();
        Enter(door, registry => registry.Journal = new RegistryJournal());
        var ends = new List<long>();
        using (var changes = new ChangeFiles(State, door))
        {
            changes.Begin();
            for (int peer = 0; peer < 3; peer++)
            {
                Register(door, peer, "name", chunk: peer);
                await changes.WriteAsync(_ => Task.CompletedTask);
                ends.Add(changes.Bytes);
            }
        }

        string file = State + ".changes-1";
        byte[] whole = await File.ReadAllBytesAsync(file, TestContext.CancellationToken);
        for (int length = 0; length <= whole.Length; length++)
        {
            await File.WriteAllBytesAsync(file, whole[..length], TestContext.CancellationToken);
            Assert.HasCount(ends.Count(end => end <= length), Load(), $"length {length}");
        }

        for (int at = 0; at < whole.Length; at++)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= 0x10;
            await File.WriteAllBytesAsync(file, damaged, TestContext.CancellationToken);
            int good = at < SnapshotFormat.HeaderBytes ? 0 : ends.Count(end => end <= at);
            Assert.HasCount(good, Load(), $"byte {at}");
        }
    }

    [TestMethod]
    public void Refresh_LeaseKnownOnDisk_IsWrittenAgainOnlyWhenHalfOfItIsGone()
    {
        var registry = new TrackerRegistry(new RegistryLimits()) { Journal = new RegistryJournal() };
        var now = new MonotonicTime(1_000_000);
        RegistrantKey key = RegistrantKey.Proven(Address(1), Id(1));
        int written = 0;
        for (int second = 0; second < 200; second += 20)
        {
            registry.Refresh(now + TimeSpan.FromSeconds(second), key, TimeSpan.FromSeconds(120), out _, out _);
            (int left, int changed) = (registry.Journal.LeftCount, registry.Journal.ChangedCount);
            written += changed;
            registry.ExportChanges(ref left, ref changed, 100, new SnapshotWriter(now, 0));
        }

        Assert.AreEqual(3, written);   // at 0, 80 and 160 s
    }

    // A copy in slices, with changes before, between and after, some of them written at once and some later.
    private async Task CopyAsync(RegistryDoor door, ChangeFiles changes, Random random)
    {
        var writer = new SnapshotWriter(door.Now, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        int cursor = door.Enter((registry, _) => registry.ExportStart);
        Change(door, random, 30);
        while (cursor > 0)
        {
            cursor = door.Enter((registry, _) => registry.Export(cursor, 10, writer));
            Change(door, random, 10);
            if (random.Next(2) == 0) await changes.WriteAsync(_ => Task.CompletedTask);
        }

        await changes.WriteAsync(_ => Task.CompletedTask);
        writer.Complete();
        await File.WriteAllBytesAsync(State, writer.Ready.ToArray(), TestContext.CancellationToken);
    }

    private static void Change(RegistryDoor door, Random random, int times)
    {
        for (; times > 0; times--)
        {
            int peer = random.Next(Peers);
            int what = random.Next(10);
            if (what < 7) Register(door, peer, $"name {random.Next(Names)}", random.Next(50));
            else Leave(door, peer, what == 7 ? null : $"name {random.Next(Names)}");
        }
    }

    private static void Register(RegistryDoor door, int peer, string name, int chunk) => door.Enter((registry, now) =>
    {
        registry.Refresh(now, RegistrantKey.Proven(Address(peer), Id(peer)), null, out Registrant? registrant, out _);
        registrant!.Listed = Address(peer);
        registry.Add(registrant, new Offering { Name = Encoding.UTF8.GetBytes(name), Chunk = chunk });
    });

    private static void Leave(RegistryDoor door, int peer, string? name) => door.Enter((registry, _) =>
    {
        if (registry.Find(RegistrantKey.Proven(Address(peer), Id(peer))) is not { } registrant) return;
        if (name is null) registry.Remove(registrant);
        else registry.Remove(registrant, Encoding.UTF8.GetBytes(name));
    });

    private List<string> Load()
    {
        RegistryDoor door = NewDoor();
        using var changes = new ChangeFiles(State, door);
        changes.Load(NullLogger.Instance, TestContext.CancellationToken);
        return Describe(door);
    }

    private static List<string> Describe(RegistryDoor door) => door.Enter((registry, _) => registry.OwnKeys().Select(key => registry.Find(key))
        .SelectMany(registrant => registrant!.Entries.Values.Select(entry => $"{registrant.Listed} {Encoding.UTF8.GetString(entry.File.Name)} {entry.Chunks} {entry.IsListed}"))
        .ToList());

    private static void Enter(RegistryDoor door, Action<TrackerRegistry> work) => door.Enter((registry, _) => work(registry));

    private static RegistryDoor NewDoor() => new(
        new TrackerCore(new TrackerCoreOptions(), "0123456789abcdef"u8, new Random(1)), new Lock(), new MonotonicClock(TimeProvider.System), TimeProvider.System);

    private static TransportAddress Address(int peer) => TransportAddress.FromIPv4(0xCB007101 + (uint)peer, 6881);

    private static PeerId Id(int peer) => new([.. Enumerable.Repeat((byte)(peer + 1), PeerId.SizeInBytes)]);
}
