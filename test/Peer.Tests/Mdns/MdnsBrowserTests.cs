using CS3103P2P.Peer.Discovery.Mdns;
using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Tests.Mdns;

/// <summary>What a machine that only looks asks and keeps.</summary>
[TestClass]
public sealed class MdnsBrowserTests
{
    private static readonly TransportAddress Nine = MdnsRig.AddressOf(9);

    [TestMethod]
    public void HandleDatagram_PointerAlone_TheRestIsAskedFor()
    {
        (MdnsRig rig, MdnsRig.Node node) = Start();
        rig.Inject(Nine, DnsMessages.Response(RecordsOf(9, "nine", MdnsRecords.Pointer)));
        rig.Run(TimeSpan.FromSeconds(0.15));
        DnsType[] asked = Asked(rig, node);
        CollectionAssert.IsSubsetOf(new[] { DnsType.Srv, DnsType.Txt }, asked);
        rig.Inject(Nine, DnsMessages.Response(RecordsOf(9, "nine", MdnsRecords.Service | MdnsRecords.Text)));
        rig.Run(TimeSpan.FromSeconds(2));
        CollectionAssert.IsSubsetOf(new[] { DnsType.A, DnsType.Aaaa }, Asked(rig, node));
        Assert.IsEmpty(node.Peers);
        rig.Inject(Nine, DnsMessages.Response(RecordsOf(9, "nine", MdnsRecords.Addresses)));
        Assert.HasCount(1, node.Peers);
    }

    [TestMethod]
    public void HandleDatagram_PointerWithoutAnAnswer_IsAskedForAFewTimesOnly()
    {
        (MdnsRig rig, MdnsRig.Node node) = Start();
        rig.Inject(Nine, DnsMessages.Response(RecordsOf(9, "nine", MdnsRecords.Pointer)));
        rig.Run(TimeSpan.FromMinutes(30));
        Assert.AreEqual(4, Asked(rig, node).Count(type => type == DnsType.Srv));
    }

    [TestMethod]
    public void Run_NextQuery_CarriesWhatIsKnown()
    {
        (MdnsRig rig, MdnsRig.Node node) = Start();
        rig.Inject(Nine, DnsMessages.Response(RecordsOf(9, "nine", MdnsRecords.All)));
        double since = rig.Seconds;
        rig.Run(TimeSpan.FromSeconds(5));
        byte[] query = rig.SentBy(node, since)[0];
        DnsRecordView known = DnsMessages.Records(query).Single();
        Assert.AreEqual(DnsType.Ptr, known.Type);
        Assert.AreEqual(DnsSection.Answer, known.Section);
        Assert.IsInRange(4400u, 4500u, known.TtlSeconds);
    }

    [TestMethod]
    public void Run_MoreKnownThanFits_IsContinuedInFurtherMessages()
    {
        (MdnsRig rig, MdnsRig.Node node) = Start();
        for (int host = 10; host < 90; host++) rig.Inject(MdnsRig.AddressOf(host), DnsMessages.Response(RecordsOf(host, $"a peer with a rather long name, number {host}", MdnsRecords.All)));
        double since = rig.Seconds;
        rig.Run(TimeSpan.FromSeconds(4.5));
        byte[][] all = rig.SentBy(node, since);
        byte[][] first = [.. all.TakeWhile(DnsMessages.IsTruncated)];
        Assert.IsNotEmpty(first);
        byte[][] series = [.. all.Take(first.Length + 1)];
        Assert.AreEqual(80, series.Sum(message => DnsMessages.Records(message).Length));
        Assert.HasCount(1, DnsMessages.Questions(series[0]));
        Assert.IsTrue(series.Skip(1).All(message => DnsMessages.Questions(message).Length == 0));
        Assert.IsTrue(series.All(message => message.Length <= MdnsMachine.MaxSendBytes));
    }

    [TestMethod]
    public void HandleDatagram_CacheFlushWithOtherAddress_ReplacesTheOldOneAfterASecond()
    {
        (MdnsRig rig, MdnsRig.Node node) = Start();
        rig.Inject(Nine, DnsMessages.Response(RecordsOf(9, "nine", MdnsRecords.All)));
        rig.Run(TimeSpan.FromSeconds(10));
        DnsRecord moved = RecordsOf(9, "nine", MdnsRecords.Addresses)[0] with { Data = [192, 168, 1, 200] };
        rig.Inject(Nine, DnsMessages.Response(moved));
        Assert.HasCount(3, node.Peers.Values.Single().Addresses);
        rig.Run(TimeSpan.FromSeconds(1.1));
        string[] left = [.. node.Peers.Values.Single().Addresses.Select(address => address.ToString())];
        CollectionAssert.AreEquivalent(new[] { "192.168.1.200:6881", "[fe80::9%3]:6881" }, left);
    }

    [TestMethod]
    public void HandleDatagram_TwoAddressesInOneAnnouncement_DoNotFlushEachOther()
    {
        (MdnsRig rig, MdnsRig.Node node) = Start();
        DnsRecord[] records = RecordsOf(9, "nine", MdnsRecords.All);
        DnsRecord second = records.First(record => record.Type == DnsType.A) with { Data = [192, 168, 1, 201] };
        rig.Inject(Nine, DnsMessages.Response([.. records, second]));
        rig.Run(TimeSpan.FromSeconds(5));
        Assert.HasCount(3, node.Peers.Values.Single().Addresses);
    }

    [TestMethod]
    public void HandleDatagram_PortChanges_IsTold()
    {
        (MdnsRig rig, MdnsRig.Node node) = Start();
        rig.Inject(Nine, DnsMessages.Response(RecordsOf(9, "nine", MdnsRecords.All)));
        rig.Inject(Nine, DnsMessages.Response(RecordsOf(9, "nine", MdnsRecords.Service, port: 7000)));
        Assert.IsTrue(node.Peers.Values.Single().Addresses.All(address => address.Port == 7000));
    }

    [TestMethod]
    [DataRow("127.0.0.1")]
    [DataRow("224.0.0.5")]
    [DataRow("0.0.0.0")]
    [DataRow("::1")]
    [DataRow("ff02::1")]
    [DataRow("::ffff:8.8.8.8")]
    public void HandleDatagram_AddressThatNoPeerHas_IsIgnored(string text)
    {
        byte[] bytes = System.Net.IPAddress.Parse(text).GetAddressBytes();
        (MdnsRig rig, MdnsRig.Node node) = Start();
        DnsRecord address = RecordsOf(9, "nine", MdnsRecords.Addresses)[0] with { Type = bytes.Length == 4 ? DnsType.A : DnsType.Aaaa, Data = bytes };
        rig.Inject(Nine, DnsMessages.Response([.. RecordsOf(9, "nine", MdnsRecords.Pointer | MdnsRecords.Service | MdnsRecords.Text), address]));
        Assert.IsEmpty(node.Peers);
    }

    private static (MdnsRig Rig, MdnsRig.Node Node) Start()
    {
        var rig = new MdnsRig();
        MdnsRig.Node node = rig.Add(1, label: null);
        rig.Run(TimeSpan.FromSeconds(3.5));
        return (rig, node);
    }

    private static DnsRecord[] RecordsOf(int host, string label, MdnsRecords kinds, int port = 6881) =>
        [.. new MdnsAdvertisement(MdnsRig.IdOf(host), (ushort)port, label, MdnsRig.LinkOf(host)).Of(kinds).Select(entry => entry.Record)];

    private static DnsType[] Asked(MdnsRig rig, MdnsRig.Node node) => [.. rig.SentBy(node).SelectMany(DnsMessages.Questions).Select(question => question.Type)];
}
