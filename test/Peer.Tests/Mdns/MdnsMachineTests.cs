using CS3103P2P.Peer.Discovery;
using CS3103P2P.Peer.Discovery.Mdns;
using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Tests.Mdns;

/// <summary>Machines that meet on one link.</summary>
[TestClass]
public sealed class MdnsMachineTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(5);

    [TestMethod]
    public void Run_TwoPeers_FindEachOtherWithAllAddresses()
    {
        var rig = new MdnsRig();
        MdnsRig.Node one = rig.Add(1, "one"), two = rig.Add(2, "two");
        rig.Run(Moment);
        LanPeer peer = one.Peers[MdnsRig.IdOf(2)];
        Assert.AreEqual("two", peer.InstanceName);
        Assert.AreEqual(1, peer.Version);
        CollectionAssert.AreEquivalent(
            new[] { "192.168.1.2:6881", "[fe80::2%3]:6881" },
            peer.Addresses.Select(address => address.ToString()).ToArray());
        Assert.IsTrue(two.Peers.ContainsKey(MdnsRig.IdOf(1)));
        Assert.HasCount(1, one.Peers, "not itself");
        Assert.AreEqual(1, one.Events, "one peer, one event");
    }

    [TestMethod]
    public void Run_LateComer_FindsThoseWhoAreThere()
    {
        var rig = new MdnsRig();
        rig.Add(1, "one");
        rig.Run(TimeSpan.FromMinutes(10));
        MdnsRig.Node late = rig.Add(2, "late");
        rig.Run(TimeSpan.FromSeconds(1));
        Assert.IsTrue(late.Peers.ContainsKey(MdnsRig.IdOf(1)));
    }

    [TestMethod]
    public void Run_OnlyLooking_FindsOthersAndStaysHidden()
    {
        var rig = new MdnsRig();
        MdnsRig.Node one = rig.Add(1, "one"), watcher = rig.Add(2, label: null);
        rig.Run(Moment);
        Assert.HasCount(1, watcher.Peers);
        Assert.IsEmpty(one.Peers);
        Assert.IsFalse(rig.SentBy(watcher).Any(DnsMessages.IsResponse));
    }

    [TestMethod]
    public void Release_Goodbye_TellsOthersWithinASecond()
    {
        var rig = new MdnsRig();
        MdnsRig.Node one = rig.Add(1, "one"), two = rig.Add(2, "two");
        rig.Run(Moment);
        two.Machine.Release();
        rig.Drain();
        Assert.IsTrue(DnsMessages.Records(rig.Sent[^1].Message).All(record => record.TtlSeconds == 0));
        rig.Run(TimeSpan.FromSeconds(1.1));
        Assert.IsEmpty(one.Peers);
        Assert.IsNull(two.Machine.Deadline);
    }

    [TestMethod]
    public void Run_PeerVanishesSilently_IsLostWhenItsRecordsExpire()
    {
        var rig = new MdnsRig();
        MdnsRig.Node one = rig.Add(1, "one");
        MdnsRig.Node two = rig.Add(2, "two");
        rig.Run(Moment);
        rig.Loses = source => source == two.Address;
        rig.Run(TimeSpan.FromSeconds(90));
        Assert.HasCount(1, one.Peers, "its host records live 120 s");
        rig.Run(TimeSpan.FromSeconds(35));
        Assert.IsEmpty(one.Peers);
    }

    [TestMethod]
    public void Run_PeerStays_ItsRecordsAreRefreshedAndNothingFlickers()
    {
        var rig = new MdnsRig();
        MdnsRig.Node one = rig.Add(1, "one");
        rig.Add(2, "two");
        rig.Run(TimeSpan.FromHours(3));
        Assert.HasCount(1, one.Peers);
        Assert.AreEqual(1, one.Events);
    }

    [TestMethod]
    public void Run_SilentPeer_IsAskedAgainAtFourPointsOfItsLifetime()
    {
        var rig = new MdnsRig();
        MdnsRig.Node one = rig.Add(1, "one"), two = rig.Add(2, "two");
        rig.Run(Moment);
        double heard = rig.Sent.Last(sent => sent.Source == two.Address && DnsMessages.IsResponse(sent.Message)).Seconds;
        rig.Loses = source => source == two.Address;
        rig.Run(TimeSpan.FromSeconds(130));
        double[] asked =
        [
            .. rig.Sent.Where(sent => sent.Source == one.Address && !DnsMessages.IsResponse(sent.Message) && sent.Seconds > heard + 60
                    && DnsMessages.Questions(sent.Message).Any(question => question.Type == DnsType.Srv))
                .Select(sent => (sent.Seconds - heard) / 120),
        ];
        Assert.HasCount(4, asked.Take(4).ToArray());
        double[] points = [0.80, 0.85, 0.90, 0.95];
        for (int i = 0; i < points.Length; i++) Assert.IsTrue(asked[i] >= points[i] - 0.001 && asked[i] <= points[i] + 0.021, $"{i}: {asked[i]}");
    }

    [TestMethod]
    public void Run_AloneForADay_HardlySpeaks()
    {
        var rig = new MdnsRig();
        MdnsRig.Node alone = rig.Add(1, "one");
        rig.Run(TimeSpan.FromHours(24));
        Assert.IsLessThan(120, rig.SentBy(alone).Length, "a query an hour, its own list entry renewed, and the beginning");
        Assert.AreEqual(0, alone.Events);
    }

    [TestMethod]
    public void Run_NothingHappens_QueriesBecomeRare()
    {
        var rig = new MdnsRig();
        MdnsRig.Node watcher = rig.Add(1, label: null);
        rig.Run(TimeSpan.FromHours(1));
        Assert.IsInRange(10, 14, rig.SentBy(watcher).Length);
    }

    [TestMethod]
    public void Run_TwoPeersWithOneName_OneTakesAnother()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var rig = new MdnsRig();
            MdnsRig.Node one = rig.Add(1, "peer", seed), two = rig.Add(2, "peer", seed + 100);
            rig.Run(TimeSpan.FromSeconds(10));
            CollectionAssert.AreEquivalent(new[] { "peer", "peer (2)" }, new[] { one.Machine.Label, two.Machine.Label }, $"seed {seed}");
            Assert.AreEqual(one.Machine.Label, two.Peers[MdnsRig.IdOf(1)].InstanceName, $"seed {seed}");
            Assert.AreEqual(two.Machine.Label, one.Peers[MdnsRig.IdOf(2)].InstanceName, $"seed {seed}");
        }
    }

    [TestMethod]
    public void Run_NameTakenEarlier_TheNewcomerTakesAnother()
    {
        var rig = new MdnsRig();
        MdnsRig.Node first = rig.Add(1);
        rig.Run(TimeSpan.FromMinutes(1));
        MdnsRig.Node second = rig.Add(2), third = rig.Add(3);
        rig.Run(TimeSpan.FromSeconds(10));
        Assert.AreEqual("peer", first.Machine.Label);
        CollectionAssert.AreEquivalent(new[] { "peer (2)", "peer (3)" }, new[] { second.Machine.Label, third.Machine.Label });
        Assert.HasCount(2, first.Peers);
    }

    [TestMethod]
    public void Run_BothProbeAtOnce_TheLaterRecordsWinTheTie()
    {
        // The same seed makes both probe at the same moments, so only the records can decide: host 2's SRV target is the later one.
        var rig = new MdnsRig();
        MdnsRig.Node one = rig.Add(1, "peer", seed: 5), two = rig.Add(2, "peer", seed: 5);
        rig.Run(TimeSpan.FromSeconds(10));
        Assert.AreEqual("peer", two.Machine.Label);
        Assert.AreEqual("peer (2)", one.Machine.Label);
    }

    [TestMethod]
    public void Run_ThirtyPeers_AllFindAll()
    {
        var rig = new MdnsRig();
        MdnsRig.Node[] nodes = [.. Enumerable.Range(1, 30).Select(host => rig.Add(host, $"peer {host}"))];
        rig.Run(TimeSpan.FromSeconds(20));
        foreach (MdnsRig.Node node in nodes) Assert.HasCount(29, node.Peers);
    }

    [TestMethod]
    public void HandleDatagram_FromOffTheLinkOrAnotherPort_TeachesNothing()
    {
        var rig = new MdnsRig();
        MdnsRig.Node watcher = rig.Add(1, label: null);
        byte[] announcement = DnsMessages.Response([.. new MdnsAdvertisement(MdnsRig.IdOf(9), 6881, "nine", MdnsRig.LinkOf(9)).Of(MdnsRecords.All).Select(entry => entry.Record)]);
        rig.Inject(TransportAddress.FromIPv4(0x08080808, MdnsService.Port), announcement);
        rig.Inject(MdnsRig.AddressOf(9).WithPort(4000), announcement);
        Assert.IsEmpty(watcher.Peers);
        rig.Inject(MdnsRig.AddressOf(9), announcement);
        Assert.HasCount(1, watcher.Peers);
    }

    [TestMethod]
    public void HandleDatagram_FloodOfInstances_IsBounded()
    {
        var rig = new MdnsRig();
        MdnsRig.Node watcher = rig.Add(1, label: null);
        for (int i = 0; i < 400; i++)
        {
            var flood = new MdnsAdvertisement(new PeerId([.. BitConverter.GetBytes(i), .. new byte[28]]), 6881, $"flood {i}", MdnsRig.LinkOf(9));
            rig.Inject(MdnsRig.AddressOf(9), DnsMessages.Response([.. flood.Of(MdnsRecords.All).Select(entry => entry.Record)]));
        }

        Assert.IsLessThanOrEqualTo(MdnsBrowser.MaxInstances, watcher.Peers.Count);
        rig.Run(Moment);
    }

    [TestMethod]
    public void HandleDatagram_MutatedMessages_NeverThrowAndLeaveTheMachineAlive()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        var rig = new MdnsRig();
        MdnsRig.Node one = rig.Add(1, "one");
        rig.Run(Moment);
        byte[][] patterns =
        [
            DnsMessages.Response([.. new MdnsAdvertisement(MdnsRig.IdOf(9), 6881, "nine", MdnsRig.LinkOf(9)).Of(MdnsRecords.All).Select(entry => entry.Record)]),
            DnsMessages.Query(new DnsQuestion(MdnsService.Type, DnsType.Ptr)),
            .. rig.SentBy(one).Take(2),
        ];
        for (int round = 0; round < 3_000; round++)
        {
            byte[] changed = [.. patterns[random.Next(patterns.Length)]];
            for (int change = random.Next(0, 6); change > 0; change--) changed[random.Next(changed.Length)] = (byte)random.Next(256);
            rig.Inject(MdnsRig.AddressOf(9), changed[..random.Next(changed.Length + 1)]);
        }

        rig.Add(2, "two");
        rig.Run(TimeSpan.FromMinutes(2));
        Assert.IsTrue(one.Peers.ContainsKey(MdnsRig.IdOf(2)), $"seed {seed}");
    }
}
