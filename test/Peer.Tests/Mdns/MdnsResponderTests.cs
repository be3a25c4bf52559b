using CS3103P2P.Peer.Discovery.Mdns;
using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Tests.Mdns;

/// <summary>What one announced machine sends, and when.</summary>
[TestClass]
public sealed class MdnsResponderTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(5);
    private static readonly TransportAddress Asker = MdnsRig.AddressOf(77);
    private static readonly DnsQuestion ListQuestion = new(MdnsService.Type, DnsType.Ptr);

    [TestMethod]
    public void Run_FromTheStart_ThreeProbesAQuarterSecondApartThenAnnouncements()
    {
        var rig = new MdnsRig();
        double start = rig.Seconds;
        MdnsRig.Node node = rig.Add(1, "one");
        rig.Run(TimeSpan.FromSeconds(10));
        var probes = rig.Sent.Where(sent => !DnsMessages.IsResponse(sent.Message) && DnsMessages.Questions(sent.Message).Any(question => question.Type == DnsType.Any)).ToArray();
        var announcements = rig.Sent.Where(sent => DnsMessages.IsResponse(sent.Message)).ToArray();
        Assert.HasCount(3, probes);
        Assert.IsInRange(0.0, 0.25, probes[0].Seconds - start);
        Assert.AreEqual(0.25, probes[1].Seconds - probes[0].Seconds, 0.001);
        Assert.AreEqual(0.25, probes[2].Seconds - probes[1].Seconds, 0.001);
        Assert.IsTrue(DnsMessages.Records(probes[0].Message).All(record => record.Section == DnsSection.Authority && !record.CacheFlush));
        Assert.IsGreaterThanOrEqualTo(2, announcements.Length);
        Assert.AreEqual(0.25, announcements[0].Seconds - probes[2].Seconds, 0.001);
        Assert.IsGreaterThanOrEqualTo(1.0, announcements[1].Seconds - announcements[0].Seconds);
        foreach (DnsRecordView record in DnsMessages.Records(announcements[0].Message)) Assert.AreEqual(record.Type != DnsType.Ptr, record.CacheFlush, "unique records flush caches");
        Assert.IsTrue(node.Machine.IsEstablished);
    }

    [TestMethod]
    public void HandleDatagram_ListQuestion_IsAnsweredToAllAfterAShortRandomDelay()
    {
        (MdnsRig rig, MdnsRig.Node node, double asked) = Established();
        rig.Inject(Asker, DnsMessages.Query(ListQuestion));
        Assert.IsEmpty(rig.SentBy(node, asked));
        rig.Run(TimeSpan.FromSeconds(0.5));
        var answer = rig.Sent.Single(sent => sent.Seconds >= asked && DnsMessages.IsResponse(sent.Message));
        Assert.IsNull(answer.Destination);
        Assert.IsInRange(0.02, 0.121, answer.Seconds - asked);
        DnsRecordView[] records = DnsMessages.Records(answer.Message);
        Assert.AreEqual(DnsType.Ptr, records.Single(record => record.Section == DnsSection.Answer).Type);
        CollectionAssert.IsSubsetOf(
            new[] { DnsType.Srv, DnsType.Txt, DnsType.A, DnsType.Aaaa },
            records.Where(record => record.Section == DnsSection.Additional).Select(record => record.Type).ToArray());
    }

    [TestMethod]
    public void HandleDatagram_KnownAnswer_IsNotRepeated()
    {
        (MdnsRig rig, MdnsRig.Node node, double asked) = Established();
        rig.Inject(Asker, DnsMessages.Query(ListQuestion, OwnPointer(ttl: 4000)));
        rig.Run(TimeSpan.FromSeconds(0.5));
        Assert.IsEmpty(Answers(rig, node, asked));
        rig.Inject(Asker, DnsMessages.Query(ListQuestion, OwnPointer(ttl: 2000)));
        rig.Run(TimeSpan.FromSeconds(0.5));
        Assert.HasCount(1, Answers(rig, node, asked), "less than half of its lifetime is left: it is told again");
    }

    [TestMethod]
    public void HandleDatagram_KnownAnswerInASecondMessage_IsWaitedFor()
    {
        (MdnsRig rig, MdnsRig.Node node, double asked) = Established();
        byte[] first = DnsMessages.Write(DnsWriter.FlagTruncated, [ListQuestion], [], []);
        rig.Inject(Asker, first);
        rig.Run(TimeSpan.FromSeconds(0.3));
        rig.Inject(Asker, DnsMessages.Write(DnsWriter.FlagsQuery, [], [OwnPointer(ttl: 4000)], []));
        rig.Run(TimeSpan.FromSeconds(1));
        Assert.IsEmpty(Answers(rig, node, asked));

        rig.Inject(Asker, first);
        rig.Run(TimeSpan.FromSeconds(0.39));
        Assert.IsEmpty(Answers(rig, node, asked));
        rig.Run(TimeSpan.FromSeconds(0.2));
        Assert.HasCount(1, Answers(rig, node, asked), "no second message came");
    }

    [TestMethod]
    public void HandleDatagram_UnicastQuestion_IsAnsweredToTheAskerWhenAllHeardItLately()
    {
        (MdnsRig rig, MdnsRig.Node _, double asked) = Established();
        rig.Inject(Asker, DnsMessages.Query(ListQuestion with { WantsUnicast = true }));
        rig.Run(TimeSpan.FromSeconds(0.5));
        Assert.AreEqual(Asker, rig.Sent.Single(sent => sent.Seconds >= asked).Destination);

        rig.Run(TimeSpan.FromMinutes(40));
        asked = rig.Seconds;
        rig.Inject(Asker, DnsMessages.Query(ListQuestion with { WantsUnicast = true }));
        rig.Run(TimeSpan.FromSeconds(0.5));
        Assert.IsTrue(rig.Sent.Any(sent => sent.Seconds >= asked && sent.Destination is null && DnsMessages.IsResponse(sent.Message)), "nobody heard it for a quarter of its lifetime");
    }

    [TestMethod]
    public void HandleDatagram_PlainDnsClient_GetsItsQuestionItsIdAndShortLifetimes()
    {
        (MdnsRig rig, MdnsRig.Node _, double asked) = Established();
        TransportAddress client = Asker.WithPort(40000);
        rig.Inject(client, DnsMessages.Write(DnsWriter.FlagsQuery, [ListQuestion], [], [], id: 0x1234));
        rig.Run(TimeSpan.FromSeconds(0.5));
        var answer = rig.Sent.Single(sent => sent.Seconds >= asked);
        Assert.AreEqual(client, answer.Destination);
        Assert.AreEqual("1234", Convert.ToHexString(answer.Message.AsSpan(0, 2)));
        Assert.AreEqual(ListQuestion, DnsMessages.Questions(answer.Message).Single());
        Assert.IsTrue(DnsMessages.Records(answer.Message).All(record => record.TtlSeconds <= 10 && !record.CacheFlush));
    }

    [TestMethod]
    public void HandleDatagram_ManyQuestionsInASecond_AreAnsweredOnce()
    {
        (MdnsRig rig, MdnsRig.Node node, double asked) = Established();
        for (int i = 0; i < 200; i++)
        {
            rig.Inject(MdnsRig.AddressOf(100 + (i % 100)), DnsMessages.Query(ListQuestion));
            rig.Run(TimeSpan.FromMilliseconds(4));
        }

        Assert.IsLessThanOrEqualTo(2, Answers(rig, node, asked).Length);
    }

    [TestMethod]
    [DataRow(1, DisplayName = "A of the instance")]
    [DataRow(16, DisplayName = "TXT of the host")]
    public void HandleDatagram_TypeThatDoesNotExist_IsDeniedByNsec(int type)
    {
        (MdnsRig rig, MdnsRig.Node node, double asked) = Established();
        var ours = new MdnsAdvertisement(MdnsRig.IdOf(1), 6881, "one", MdnsRig.LinkOf(1));
        rig.Inject(Asker, DnsMessages.Query(new DnsQuestion(type == 1 ? ours.Instance : ours.Host, (DnsType)type)));
        rig.Run(TimeSpan.FromSeconds(0.5));
        DnsRecordView[] records = DnsMessages.Records(Answers(rig, node, asked).Single());
        Assert.AreEqual(DnsType.Nsec, records.Single(record => record.Section == DnsSection.Answer).Type);
    }

    [TestMethod]
    public void HandleDatagram_QuestionForServiceTypes_ListsOurs()
    {
        (MdnsRig rig, MdnsRig.Node node, double asked) = Established();
        rig.Inject(Asker, DnsMessages.Query(new DnsQuestion(MdnsService.Enumeration, DnsType.Ptr)));
        rig.Run(TimeSpan.FromSeconds(0.5));
        Assert.AreEqual(MdnsService.Enumeration, DnsMessages.Records(Answers(rig, node, asked).Single())[0].Name);
    }

    [TestMethod]
    public void HandleDatagram_ForeignRecordUnderOurName_LeadsToAnotherName()
    {
        (MdnsRig rig, MdnsRig.Node node, _) = Established();
        DnsRecord[] foreign = [.. new MdnsAdvertisement(MdnsRig.IdOf(9), 6881, "one", MdnsRig.LinkOf(9)).Of(MdnsRecords.Service).Select(entry => entry.Record)];
        rig.Inject(MdnsRig.AddressOf(9), DnsMessages.Response(foreign));
        Assert.IsFalse(node.Machine.IsEstablished, "it probes for its name again");
        rig.Inject(MdnsRig.AddressOf(9), DnsMessages.Response(foreign));
        rig.Run(Moment);
        Assert.AreEqual("one (2)", node.Machine.Label);
        Assert.IsTrue(node.Machine.IsEstablished);
    }

    [TestMethod]
    public void HandleDatagram_OwnerAnswersAfterWeAnnounced_WeProbeAgainAndTakeAnother()
    {
        var rig = new MdnsRig();
        bool isSlow = true;
        rig.Loses = source => isSlow && source == MdnsRig.AddressOf(9);
        MdnsRig.Node owner = rig.Add(9, "one");
        rig.Run(Moment);
        MdnsRig.Node late = rig.Add(1, "one");
        rig.Run(TimeSpan.FromSeconds(1.1));
        Assert.AreEqual("one", late.Machine.Label);
        Assert.IsTrue(late.Machine.IsEstablished, "no answer came in time");

        isSlow = false;
        double heard = rig.Seconds;
        rig.Inject(owner.Address, DnsMessages.Response([.. new MdnsAdvertisement(MdnsRig.IdOf(9), 6881, "one", MdnsRig.LinkOf(9)).Of(MdnsRecords.Service).Select(entry => entry.Record)]));
        rig.Run(TimeSpan.FromSeconds(20));
        Assert.IsTrue(owner.Machine.IsEstablished && late.Machine.IsEstablished);
        Assert.AreNotEqual(owner.Machine.Label, late.Machine.Label, "either may have given way");
        Assert.HasCount(1, late.Peers);
        Assert.HasCount(1, owner.Peers);
        byte[][] said = [.. rig.SentBy(late, heard), .. rig.SentBy(owner, heard)];
        Assert.IsFalse(
            said.Where(DnsMessages.IsResponse).SelectMany(DnsMessages.Records).Any(record => record.TtlSeconds == 0),
            "the old name is the other's now: a goodbye would withdraw that one's entry");
    }

    [TestMethod]
    public void HandleDatagram_AnotherWithdrawsOurEntry_IsContradictedWithinASecond()
    {
        (MdnsRig rig, MdnsRig.Node node, double asked) = Established();
        rig.Inject(Asker, DnsMessages.Response(OwnPointer(ttl: 0)));
        rig.Run(TimeSpan.FromSeconds(0.5));
        DnsRecordView[] records = DnsMessages.Records(Answers(rig, node, asked).Single());
        Assert.AreEqual(DnsType.Ptr, records[0].Type);
        Assert.IsGreaterThan(0u, records[0].TtlSeconds);
    }

    [TestMethod]
    public void HandleDatagram_EndlessConflicts_SlowDown()
    {
        var rig = new MdnsRig();
        MdnsRig.Node node = rig.Add(1, "one");
        double start = rig.Seconds;
        for (int i = 0; i < 2000; i++)
        {
            rig.Run(TimeSpan.FromMilliseconds(20));
            Assert.IsTrue(MdnsService.Type.TryPrepend(node.Machine.Label!, out DnsName name));
            rig.Inject(MdnsRig.AddressOf(9), DnsMessages.Response(new DnsRecord(name, DnsType.Txt, true, 120, [0])));
        }

        Assert.IsLessThan(40, rig.SentBy(node, start).Length, "40 seconds of conflicts every 20 ms");
    }

    private static (MdnsRig Rig, MdnsRig.Node Node, double Asked) Established()
    {
        var rig = new MdnsRig();
        MdnsRig.Node node = rig.Add(1, "one");
        rig.Run(TimeSpan.FromSeconds(200)); // between two of its own queries
        return (rig, node, rig.Seconds);
    }

    private static byte[][] Answers(MdnsRig rig, MdnsRig.Node node, double since) => [.. rig.SentBy(node, since).Where(DnsMessages.IsResponse)];

    private static DnsRecord OwnPointer(uint ttl)
    {
        Assert.IsTrue(MdnsService.Type.TryPrepend("one", out DnsName name));
        return new DnsRecord(MdnsService.Type, DnsType.Ptr, false, ttl, [.. name.Wire]);
    }
}
