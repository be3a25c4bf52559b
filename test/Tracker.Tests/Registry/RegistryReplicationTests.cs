using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Registry;
using CS3103P2P.Transport;

namespace CS3103P2P.Tracker.Tests.Registry;

/// <summary>Several registries that tell each other their changes, on virtual time and without a database.</summary>
[TestClass]
public sealed class RegistryReplicationTests
{
    private static readonly RegistrantKey Alice = RegistrantKey.Proven(TransportAddress.FromIPv4(0x01020304, 6881), default);
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    [TestMethod]
    public void Changes_WithoutReplication_AreNotNoted()
    {
        var registry = new TrackerRegistry(new RegistryLimits());
        var told = new RegistryChanges();
        registry.Refresh(At(0), Alice, Lease, out Registrant? alice, out _);
        registry.Add(alice!, new Offering { Name = "f"u8, Chunk = 0 });
        registry.TakeChanges(At(1), told);
        Assert.IsTrue(told.IsEmpty);
    }

    [TestMethod]
    public void Refresh_WithinTheSlack_TellsNobody()
    {
        Node node = new(TimeSpan.FromSeconds(60));
        node.Refresh(At(0), Alice);
        Assert.HasCount(1, node.Take(At(0)).Registrants);
        node.Refresh(At(20), Alice);
        node.Refresh(At(59), Alice);
        Assert.IsTrue(node.Take(At(59)).IsEmpty);
        node.Refresh(At(62), Alice);
        Assert.HasCount(1, node.Take(At(62)).Registrants);
    }

    [TestMethod]
    public void MarkEntry_BeyondTheLimit_OverflowsAndStaysBounded()
    {
        var log = new RegistryChangeLog(TimeSpan.Zero, maxKeys: 10);
        for (byte i = 0; i < 100; i++)
        {
            log.MarkEntry(Alice, [i]);
            log.Mark(RegistrantKey.Proven(TransportAddress.FromIPv4(i, 1), default), At(0));
            Assert.IsLessThanOrEqualTo(20, log.Count);
        }

        Assert.IsTrue(log.TakeOverflow());
        Assert.IsFalse(log.TakeOverflow());
    }

    [TestMethod]
    public void ApplyRemote_OlderClaim_ChangesNothing()
    {
        Node here = new(TimeSpan.Zero);
        Node there = new(TimeSpan.Zero);
        there.Refresh(At(1), Alice);
        there.Add(Alice, "theirs", 0);
        here.Refresh(At(2), Alice);
        here.Add(Alice, "ours", 0);
        here.Apply(At(3), there, there.Take(At(3)));
        Assert.IsNull(here.Registry.Find(Alice)!.Origin);
        Assert.IsNull(here.Registry.FindFile("theirs"u8));
        Assert.IsNotNull(here.Registry.FindFile("ours"u8));
    }

    [TestMethod]
    public void HandleTimeout_RemoteWhileHeld_StaysUntilTheHoldEnds()
    {
        Node here = new(TimeSpan.Zero);
        Node there = new(TimeSpan.Zero);
        there.Refresh(At(0), Alice);
        here.Apply(At(0), there, there.Take(At(0)));
        here.Registry.RemotesHeldUntil = At(600);
        here.Registry.HandleTimeout(At(500));
        Assert.AreEqual(1, here.Registry.RemoteRegistrantCount);
        here.Registry.HandleTimeout(At(620));
        Assert.AreEqual(0, here.Registry.RegistrantCount);
        Assert.AreEqual(0, here.Registry.RemoteRegistrantCount);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    [DataRow(5)]
    [DataRow(6)]
    [DataRow(7)]
    [DataRow(8)]
    public void Registries_AfterRandomMovesAndLateNews_AgreeWithThePeers(int seed)
    {
        var random = new Random(seed);
        Node[] nodes = [new(TimeSpan.Zero), new(TimeSpan.Zero), new(TimeSpan.Zero)];
        RegistrantKey[] peers = [.. Enumerable.Range(0, 12).Select(i => RegistrantKey.Proven(TransportAddress.FromIPv4((uint)(0x0A000001 + i), 6881), default))];
        var last = new Dictionary<RegistrantKey, Node>();
        double time = 0;
        for (int step = 0; step < 4_000; step++)
        {
            time += 0.01;
            RegistrantKey peer = peers[random.Next(peers.Length)];
            Node node = random.Next(8) == 0 || !last.TryGetValue(peer, out Node? stay) ? nodes[random.Next(nodes.Length)] : stay;
            last[peer] = node;
            node.Refresh(At(time), peer);
            if (random.Next(3) == 0) node.Add(peer, $"f{random.Next(4)}", random.Next(9));
            if (random.Next(20) == 0) node.Registry.Remove(node.Registry.Find(peer)!);
            if (random.Next(10) == 0) nodes[random.Next(nodes.Length)].Tell(At(time), nodes);
        }

        // At last each peer speaks once more, with its tracker knowing the rest; then everybody is told everything.
        foreach (Node node in nodes) node.Tell(At(time + 1), nodes);
        foreach ((RegistrantKey peer, Node node) in last)
        {
            node.Refresh(At(time + 2), peer);
            node.Add(peer, "last", 0);
        }

        for (int round = 0; round < 3; round++)
        {
            foreach (Node node in nodes) node.Tell(At(time + 3 + (round * 4)), nodes);
        }

        string expected = nodes[0].Describe(peers);
        foreach (Node node in nodes) Assert.AreEqual(expected, node.Describe(peers), $"seed {seed}");
        foreach ((RegistrantKey peer, Node node) in last) Assert.IsNull(node.Registry.Find(peer)!.Origin, $"seed {seed}: {peer.Source}");
        foreach (Node node in nodes) Assert.AreEqual(last.Values.Count(owner => owner != node), node.Registry.RemoteRegistrantCount, $"seed {seed}");
    }

    [TestMethod]
    public void RemoveRemotes_Many_GoInSlicesAndTheOthersStay()
    {
        const int Peers = 1_500, LargeEntries = 3_000;
        Node own = new(TimeSpan.Zero), gone = new(TimeSpan.Zero), other = new(TimeSpan.Zero);
        for (int i = 0; i < Peers; i++)
        {
            Node node = (i % 3) switch { 0 => own, 1 => gone, _ => other };
            node.Refresh(At(0), Peer(i));
            node.Add(Peer(i), "f", 0);
        }

        for (int i = 0; i < LargeEntries; i++) gone.Add(Peer(1), $"large {i}", 0);
        for (int i = 0; i < 10; i++) foreach (Node node in (Node[])[gone, other]) node.Tell(At(1), [own]);
        Assert.AreEqual(2 * Peers / 3, own.Registry.RemoteRegistrantCount);
        int steps = own.Registry.EntryCount + own.Registry.RegistrantCount, calls = 0, cursor = own.Registry.ExportStart;
        while (cursor > 0)
        {
            cursor = own.Registry.RemoveRemotes([gone.Id], cursor);
            int left = own.Registry.EntryCount + own.Registry.RegistrantCount;
            Assert.IsLessThanOrEqualTo(TrackerRegistry.MostEndedAtOnce, steps - left, $"call {calls}");
            steps = left;
            own.Refresh(At(1), Peer(Peers + calls++));   // whoever comes meanwhile stays
        }

        Assert.IsGreaterThan(4, calls);
        Assert.AreEqual(Peers / 3, own.Registry.RemoteRegistrantCount);
        Assert.AreEqual((2 * Peers / 3) + calls, own.Registry.RegistrantCount);
        Assert.AreEqual(2 * Peers / 3, own.Registry.EntryCount);
        for (int i = 0; i < Peers; i++) Assert.AreEqual(i % 3 == 1, own.Registry.Find(Peer(i)) is null, $"peer {i}");
    }

    private static RegistrantKey Peer(int number) => RegistrantKey.Proven(TransportAddress.FromIPv4(0x0A000000 + (uint)number, 1), default);

    private static MonotonicTime At(double seconds) => new((long)(seconds * 1_000_000));

    private sealed class Node
    {
        private readonly RegistryOrigin _self = new(Guid.NewGuid());

        public Guid Id => _self.Id;

        public Node(TimeSpan slack) => Registry.Changes = new RegistryChangeLog(slack);

        public TrackerRegistry Registry { get; } = new(new RegistryLimits());

        public void Refresh(MonotonicTime now, RegistrantKey key)
        {
            Registry.HandleTimeout(now);
            Assert.AreEqual(RegistryResult.Done, Registry.Refresh(now, key, Lease, out Registrant? registrant, out _));
            registrant!.Listed = key.Source;
        }

        public void Add(RegistrantKey key, string name, int chunk)
        {
            var offering = new Offering { Name = System.Text.Encoding.UTF8.GetBytes(name), Chunk = chunk };
            Assert.AreEqual(RegistryResult.Done, Registry.Add(Registry.Find(key)!, offering));
        }

        public RegistryChanges Take(MonotonicTime now)
        {
            var changes = new RegistryChanges();
            Registry.TakeChanges(now, changes);
            return changes;
        }

        /// <summary>Tells all others; a registrant that is new to one comes with all its entries, as it does from a database.</summary>
        public void Tell(MonotonicTime now, IEnumerable<Node> others)
        {
            RegistryChanges changes = Take(now);
            foreach (Node other in others.Where(other => other != this)) other.Apply(now, this, changes);
        }

        public void Apply(MonotonicTime now, Node from, RegistryChanges changes)
        {
            foreach (RegistrantRecord told in changes.Registrants)
            {
                if (!Registry.ApplyRemote(now, from._self, told)) continue;
                var whole = new RegistryChanges();
                from.Registry.Export(told.Key, whole);
                foreach (EntryRecord entry in whole.Entries) Registry.ApplyRemote(from._self, entry);
            }

            foreach (EntryRecord entry in changes.Entries) Registry.ApplyRemote(from._self, entry);
        }

        public string Describe(IEnumerable<RegistrantKey> peers) => string.Join('\n', peers.Select(peer => Registry.Find(peer) is not { } found ? $"{peer.Source} -"
            : $"{peer.Source} {string.Join(' ', found.Entries.Values.Select(entry => $"{System.Text.Encoding.UTF8.GetString(entry.File.Name)}={entry.Chunks}").Order())}"));
    }
}
