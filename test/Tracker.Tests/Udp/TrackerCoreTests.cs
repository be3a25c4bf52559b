using System.Text;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Registry;
using CS3103P2P.Tracker.Udp;

namespace CS3103P2P.Tracker.Tests.Udp;

[TestClass]
public sealed class TrackerCoreTests
{
    private const string Alice = "203.0.113.5:6881";
    private const string Bob = "198.51.100.7:6881";
    private static readonly string AliceId = $"peer={new string('a', 64)}";
    private static readonly string BobId = $"peer={new string('b', 64)}";

    [TestMethod]
    [DataRow("REQUEST 5 203.0.113.5")]
    [DataRow("REQUEST 5 203.0.113.5 6881")]
    [DataRow("REQUEST 5 203.0.113.66")]
    public void Ask_ExitFromAnotherSource_LeavesEntriesAlone(string exit)
    {
        var tracker = new VirtualTracker();
        tracker.Ask(Alice, "REQUEST 4 f 1 203.0.113.5");
        tracker.Ask("203.0.113.66", exit);
        Assert.AreEqual("RESPONSE f 1 203.0.113.5 6881|", tracker.Ask(Bob, "REQUEST 1 f"));
    }

    [TestMethod]
    public void Ask_TwoProgramsBehindOneAddress_ActOnTheirOwnEntries()
    {
        var tracker = new VirtualTracker();
        tracker.Ask("127.0.0.1:1", "REQUEST 4 f 1 203.0.113.5");
        tracker.Ask("127.0.0.1:2", "REQUEST 4 f 2 203.0.113.6");
        tracker.Ask("127.0.0.1:3", "REQUEST 5 203.0.113.5");
        Assert.AreEqual("RESPONSE f 2 203.0.113.6 6881|", tracker.Ask("127.0.0.1:4", "REQUEST 1 f"));
    }

    [TestMethod]
    public void Ask_LiteralRequestFromTheOwnersAddress_DoesNotTouchProvenEntries()
    {
        var tracker = new VirtualTracker();
        tracker.AskProven(Alice, $"REQUEST 4 f 1 - id=1 {AliceId}");
        Assert.AreEqual("RESPONSE OK", tracker.Ask(Alice, "REQUEST 5 203.0.113.5 6881"));
        Assert.AreEqual("RESPONSE f 1 203.0.113.5 6881|", tracker.Ask(Bob, "REQUEST 1 f"));
    }

    [TestMethod]
    public void AskProven_AnothersPeerId_DoesNotTouchItsEntries()
    {
        var tracker = new VirtualTracker();
        tracker.AskProven(Alice, $"REQUEST 4 f 1 - id=1 {AliceId}");
        Assert.AreEqual("RESPONSE OK id=2", tracker.AskProven(Bob, $"REQUEST 5 - id=2 {AliceId}"));
        Assert.AreEqual("RESPONSE f 1 203.0.113.5 6881|", tracker.Ask(Bob, "REQUEST 1 f"));
    }

    [TestMethod]
    public void Ask_CookieOfAnotherAddress_IsChallengedAndChangesNothing()
    {
        var tracker = new VirtualTracker();
        string cookie = tracker.Ask(Alice, $"REFRESH id=1 {AliceId}")!.Split(' ')[1];
        StringAssert.StartsWith(tracker.Ask(Bob, $"REQUEST 4 f 1 - id=1 {AliceId} {cookie}"), "CHALLENGE");
        Assert.AreEqual(0, tracker.Core.Registry.EntryCount);
        Assert.AreEqual(0, tracker.Core.Registry.RegistrantCount);
    }

    [TestMethod]
    public void AskProven_ForeignAddress_IsListedAsTheTrackerSeesIt()
    {
        var tracker = new VirtualTracker();
        string? reply = tracker.AskProven(Alice, $"REQUEST 4 f 1 192.0.2.1 80 id=1 {AliceId} cand=192.0.2.1:5,10.0.0.7:6,203.0.113.5:7");
        Assert.AreEqual("RESPONSE OK lease=120 address=203.0.113.5:6881 files=1 id=1", reply);
        string? listing = tracker.AskProven(Bob, "REQUEST 1 f id=2");
        StringAssert.Contains(listing, $"f 1 203.0.113.5 6881 {AliceId} cand=10.0.0.7:6,203.0.113.5:7|");
    }

    [TestMethod]
    public void Ask_ManyContents_NameMeansTheOldestAndRootPicksOne()
    {
        var tracker = new VirtualTracker();
        string first = $"size=4096 chunk=2048 root={new string('1', 64)} kind=file";
        string second = $"size=2048 chunk=2048 root={new string('2', 64)} kind=directory";
        tracker.AskProven(Alice, $"REQUEST 4 f - - id=1 {AliceId} chunks=1-2 {first}");
        tracker.AskProven(Bob, $"REQUEST 4 f - - id=1 {BobId} chunks=1 {second}");
        Assert.AreEqual($"RESPONSE f 1-2 203.0.113.5 6881 {AliceId}| {first} peers=2 id=3", tracker.AskProven(Bob, "REQUEST 1 f id=3"));
        Assert.AreEqual($"RESPONSE f 1 198.51.100.7 6881 {BobId}| {second} peers=2 id=4", tracker.AskProven(Bob, $"REQUEST 1 f id=4 root={new string('2', 64)}"));
        Assert.AreEqual("RESPONSE peers=0 id=5", tracker.AskProven(Bob, $"REQUEST 1 f id=5 root={new string('3', 64)}"));
        Assert.AreEqual("ERROR 409 size, chunk size and chunks do not fit together id=6", tracker.AskProven(Bob, $"REQUEST 4 f - - id=6 {BobId} chunks=2 {second}"));
        Assert.AreEqual("ERROR 409 size, chunk size and chunks do not fit together id=7", tracker.AskProven(Bob, $"REQUEST 4 f - - id=7 {BobId} chunks=1 size=5"));
    }

    [TestMethod]
    public void AskProven_FileWithoutBytes_IsListedWithNoChunks()
    {
        var tracker = new VirtualTracker();
        string content = $"size=0 chunk=2048 root={new string('0', 64)} kind=file";
        tracker.AskProven(Alice, $"REQUEST 4 empty - - id=1 {AliceId} chunks= {content}");
        Assert.AreEqual($"RESPONSE empty - 203.0.113.5 6881 {AliceId}| {content} peers=1 id=2", tracker.AskProven(Bob, "REQUEST 1 empty id=2"));
        Assert.AreEqual("RESPONSE ", tracker.Ask(Bob, "REQUEST 1 empty"));
        Assert.AreEqual("RESPONSE empty", tracker.Ask(Bob, "REQUEST 7 empty"));
    }

    [TestMethod]
    public void Ask_OldCookie_BringsANewOne()
    {
        var tracker = new VirtualTracker();
        string cookie = tracker.Ask(Alice, $"REFRESH id=1 {AliceId}")!.Split(' ')[1];
        tracker.Advance(CookieJar.Period);
        string reply = tracker.Ask(Alice, $"REFRESH id=1 {AliceId} {cookie}")!;
        string renewed = reply.Split(' ')[^1];
        StringAssert.StartsWith(renewed, "cookie=");
        tracker.Advance(CookieJar.Period);
        StringAssert.StartsWith(tracker.Ask(Alice, $"REFRESH id=1 {AliceId} {cookie}"), "CHALLENGE");
        StringAssert.StartsWith(tracker.Ask(Alice, $"REFRESH id=1 {AliceId} {renewed}"), "RESPONSE OK");
    }

    [TestMethod]
    public void Ask_ManyRequestsFromOneSource_AreAnsweredAtTheLimit()
    {
        var tracker = new VirtualTracker(new TrackerCoreOptions { RequestsPerSecond = 10 });
        int answered = Enumerable.Range(0, 100).Count(_ => tracker.Ask(Alice, "REQUEST 6") is not null);
        Assert.AreEqual(20, answered);
        Assert.IsNotNull(tracker.Ask(Bob, "REQUEST 6"));
        tracker.Advance(TimeSpan.FromSeconds(1));
        Assert.AreEqual(10, Enumerable.Range(0, 100).Count(_ => tracker.Ask(Alice, "REQUEST 6") is not null));
        Assert.AreEqual(170L, tracker.Core.Counters.Limited);
    }

    [TestMethod]
    public void Send_OfferBetweenSockets_LeavesByTheSocketOfTheReceiver()
    {
        var tracker = new VirtualTracker(sockets: 2);
        var woken = new List<int>();
        tracker.Core.OfferQueued = woken.Add;
        tracker.AskProven(Alice, $"REFRESH id=1 {AliceId}", socket: 0);
        tracker.AskProven(Bob, $"REFRESH id=1 {BobId}", socket: 1);
        string cookie = tracker.Ask(Alice, $"REFRESH id=1 {AliceId}")!.Split(' ')[1];
        string offer = $"RENDEZVOUS to={new string('b', 64)} {AliceId} offer=aGVsbG8 id=2 {cookie}";
        List<VirtualTracker.Sent> sent = tracker.Send(VirtualTracker.Address(Alice), Encoding.UTF8.GetBytes(offer));
        VirtualTracker.Sent forwarded = sent.Single(datagram => datagram.To == VirtualTracker.Address(Bob));
        Assert.AreEqual(1, forwarded.Socket);
        Assert.AreEqual($"RENDEZVOUS {AliceId} address={Alice} offer=aGVsbG8", forwarded.Text);
        CollectionAssert.AreEqual(new[] { 1 }, woken);
    }

    [TestMethod]
    public void Ask_HotRequests_DoNotAllocate()
    {
        var core = new TrackerCore(new TrackerCoreOptions { RequestsPerSecond = 0, LiteralBytesPerSecond = 0 }, "0123456789abcdef"u8, new Random(1));
        byte[] reply = new byte[65_507];
        TransportAddress alice = VirtualTracker.Address(Alice);
        int length = core.Answer(new(1), 0, alice, Encoding.UTF8.GetBytes($"REFRESH id=1 {AliceId}"), reply);
        string cookie = Encoding.UTF8.GetString(reply, 0, length).Split(' ')[1];
        byte[][] requests =
        [
            Encoding.UTF8.GetBytes($"REQUEST 4 f - - id=1 {AliceId} {cookie} chunks=1-512,600"),
            Encoding.UTF8.GetBytes($"REFRESH id=1 {AliceId} {cookie}"),
            Encoding.UTF8.GetBytes($"REQUEST 1 f id=1 {cookie}"),
            "REQUEST 1 f"u8.ToArray(),
            "REQUEST 6"u8.ToArray(),
            "REQUEST 7 f"u8.ToArray(),
            "REQUEST 9"u8.ToArray(),
        ];
        AnswerAll(core, alice, requests, reply);
        long before = GC.GetAllocatedBytesForCurrentThread();
        AnswerAll(core, alice, requests, reply);
        Assert.AreEqual(0L, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void HandleTimeout_UnprovenEntriesOfASource_DoNotCrowdOutOthers()
    {
        var tracker = new VirtualTracker(new TrackerCoreOptions { RequestsPerSecond = 0, Limits = new RegistryLimits { MaxUnprovenEntries = 10 } });
        for (int i = 0; i < 50; i++) tracker.Ask($"203.0.113.{i}", $"REQUEST 4 f{i} 1 203.0.113.{i}");
        Assert.AreEqual(10, tracker.Core.Registry.UnprovenEntryCount);
        StringAssert.StartsWith(tracker.AskProven(Alice, $"REQUEST 4 mine 1 - id=1 {AliceId}"), "RESPONSE OK");
        Assert.AreEqual("ERROR 507 the tracker is full", tracker.Ask(Bob, "REQUEST 4 g 1 198.51.100.7"));
    }

    private static void AnswerAll(TrackerCore core, TransportAddress source, byte[][] requests, byte[] reply)
    {
        for (int i = 0; i < 50; i++)
        {
            foreach (byte[] request in requests) Assert.IsGreaterThan(0, core.Answer(new(2), 0, source, request, reply));
        }
    }
}
