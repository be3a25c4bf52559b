using System.Globalization;
using System.Text;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Udp;

namespace CS3103P2P.Tracker.Tests.Udp;

/// <summary>How much the tracker says: pages, samples, and no more than a little to those who prove nothing.</summary>
[TestClass]
public sealed class ReplySizeTests
{
    private const string Asker = "198.51.100.7:6881";

    [TestMethod]
    [DataRow(1)]
    [DataRow(150)]
    public void AskProven_SwarmWithManyRuns_ComesWholeInSmallPages(int peers)
    {
        var tracker = new VirtualTracker();
        string name = new('%', ShareName.MaxBytes);
        string wire = Wire(name);
        var expected = new Dictionary<string, string>();
        for (int peer = 1; peer <= peers; peer++)
        {
            string chunks = string.Join(',', Enumerable.Range(0, 20).Select(i => (i * peer * 3) + 2_000_000_000));
            expected[$"203.0.113.{peer}:6881"] = chunks;
            string registered = tracker.AskProven($"203.0.113.{peer}:6881", $"REQUEST 4 {wire} - - id=1 peer={peer:x64} chunks={chunks}")!;
            StringAssert.StartsWith(registered, "RESPONSE OK");
        }

        Dictionary<string, ChunkSet> found = ReadPages(tracker, wire, out _);
        Assert.HasCount(peers, found);
        foreach ((string address, string chunks) in expected)
        {
            Assert.IsTrue(ChunkSet.TryParse(Encoding.ASCII.GetBytes(chunks), int.MaxValue, out ChunkSet set));
            Assert.IsTrue(set.SetEquals(found[address]), address);
        }
    }

    [TestMethod]
    public void AskProven_LargeSwarm_IsARandomSample()
    {
        const int Peers = 1_000;
        var tracker = new VirtualTracker();
        for (int peer = 0; peer < Peers; peer++) tracker.Ask($"10.0.{peer / 250}.{peer % 250}", $"REQUEST 4 f 1 203.0.{peer / 250}.{peer % 250}");
        Dictionary<string, ChunkSet> first = ReadPages(tracker, "f", out int peersTold);
        tracker.Advance(TimeSpan.FromSeconds(1));   // a sample serves for a moment
        Dictionary<string, ChunkSet> second = ReadPages(tracker, "f", out _);
        Assert.AreEqual(Peers, peersTold);
        Assert.HasCount(PagedReplies.MaxPeersPerLookup, first);
        Assert.HasCount(PagedReplies.MaxPeersPerLookup, second);
        Assert.AreNotEqual(first.Keys.ElementAt(1), second.Keys.ElementAt(1));
    }

    [TestMethod]
    public void AskProven_LargeSwarmWithOneWholePeer_NamesItFirst()
    {
        const int Peers = 1_000;
        var tracker = new VirtualTracker();
        for (int peer = 0; peer < Peers; peer++) tracker.Ask($"10.0.{peer / 250}.{peer % 250}", $"REQUEST 4 f 1 203.0.{peer / 250}.{peer % 250}");
        tracker.AskProven("198.51.100.9:6881", "REQUEST 4 f - - chunks=1-100 id=1");
        for (int turn = 0; turn < 10; turn++)
        {
            tracker.Advance(TimeSpan.FromSeconds(1));
            Dictionary<string, ChunkSet> sample = ReadPages(tracker, "f", out _);
            Assert.AreEqual("198.51.100.9:6881", sample.Keys.First());
            Assert.HasCount(PagedReplies.MaxPeersPerLookup, sample);
        }

        tracker.AskProven("198.51.100.9:6881", "REQUEST 5 id=2");
        tracker.Advance(TimeSpan.FromSeconds(1));
        Assert.DoesNotContain("198.51.100.9:6881", ReadPages(tracker, "f", out _).Keys);
    }

    [TestMethod]
    public void AskProven_ManyFiles_ComeWholeInSmallPages()
    {
        var tracker = new VirtualTracker();
        string[] names = [.. Enumerable.Range(0, 500).Select(i => $"file {i}, 100 %")];
        foreach (string name in names) tracker.Ask("127.0.0.1", $"REQUEST 4 {Wire(name)} 1 203.0.113.5");
        var found = new List<string>();
        string page = string.Empty;
        for (int pages = 0; pages < 100; pages++)
        {
            byte[] reply = Encoding.UTF8.GetBytes(tracker.AskProven(Asker, $"REQUEST 6 id=1{page}")!);
            Assert.IsLessThanOrEqualTo(TrackerLimits.MaxDatagramBytes, reply.Length);
            Assert.IsTrue(TrackerReplyParser.TryParse(reply, out TrackerReply parsed));
            var reader = new TrackerNameListReader(parsed.Body);
            while (reader.TryRead(out ReadOnlySpan<byte> wire)) found.Add(TrackerName.TryDecode(wire, out string name) ? name : "?");
            if (parsed.Extensions.Next.IsEmpty) break;
            page = $" page={Encoding.ASCII.GetString(parsed.Extensions.Next)}";
        }

        CollectionAssert.AreEqual(names, found);
    }

    [TestMethod]
    public void Ask_LiteralListOfManyChunks_ComesWholeWhileItFits()
    {
        var tracker = new VirtualTracker();
        string list = string.Concat(Enumerable.Range(1, 1_500).Select(chunk => $"f {chunk}|"));
        Assert.AreEqual("RESPONSE OK", tracker.Ask("127.0.0.1", $"REQUEST 4 203.0.113.5 6881 {list}"));
        string expected = "RESPONSE " + string.Concat(Enumerable.Range(1, 1_500).Select(chunk => $"f {chunk} 203.0.113.5 6881|"));
        Assert.AreEqual(expected, tracker.Ask("127.0.0.1", "REQUEST 1 f"));
    }

    [TestMethod]
    public void Ask_LiteralListTooLongForADatagram_SamplesManyPeers()
    {
        var tracker = new VirtualTracker();
        string list = string.Concat(Enumerable.Range(1, 2_000).Select(chunk => $"f {chunk}|"));
        for (int peer = 1; peer <= 20; peer++) tracker.Ask("127.0.0.1", $"REQUEST 4 203.0.113.{peer} 6881 {list}");
        string reply = tracker.Ask("127.0.0.1", "REQUEST 1 f")!;
        Assert.IsLessThanOrEqualTo(60_000, reply.Length);
        Assert.IsGreaterThan(40_000, reply.Length);
        StringAssert.EndsWith(reply, "|");
        Assert.AreEqual(20, reply["RESPONSE ".Length..].Split('|', StringSplitOptions.RemoveEmptyEntries).Select(entry => entry.Split(' ')[2]).Distinct().Count());
    }

    [TestMethod]
    public void Ask_SpoofedLiteralQuestions_AreAnsweredWithinTheBudget()
    {
        var tracker = new VirtualTracker(new TrackerCoreOptions { LiteralBytesPerSecond = 1_000 });
        string list = string.Concat(Enumerable.Range(1, 50).Select(chunk => $"f {chunk}|"));
        tracker.Ask("127.0.0.1", $"REQUEST 4 203.0.113.5 6881 {list}");
        int bytes = 0;
        for (int i = 0; i < 1_000; i++) bytes += tracker.Ask(Asker, "REQUEST 1 f")?.Length ?? 0;
        Assert.IsLessThanOrEqualTo(4_000, bytes);
        Assert.IsGreaterThan(1_000, bytes);
    }

    [TestMethod]
    public void Send_MutatedRequests_GetShortErrorsAndNoMoreThanThreefoldUnproven()
    {
        const int Seed = 21;
        var random = new Random(Seed);
        var tracker = new VirtualTracker(new TrackerCoreOptions { RequestsPerSecond = 0, LiteralBytesPerSecond = 0 });
        for (int i = 1; i < 100; i++) tracker.Ask("127.0.0.1", $"REQUEST 4 f{i % 3} {i} 203.0.113.{i}");
        for (int round = 0; round < 20_000; round++)
        {
            byte[] request = Mutate(random, Requests[random.Next(Requests.Length)]);
            foreach (VirtualTracker.Sent sent in tracker.Send(VirtualTracker.Address(Asker), request))
            {
                string context = $"seed {Seed}, round {round}: {Encoding.UTF8.GetString(request)} -> {sent.Text}";
                bool isError = sent.Text.StartsWith("ERROR", StringComparison.Ordinal);
                if (isError) Assert.IsLessThanOrEqualTo(request.Length + TrackerLimits.MaxErrorOverheadBytes, sent.Bytes, context);
                bool isExtended = TrackerRequestParser.TryParse(request, out TrackerRequest parsed) == TrackerRequestError.None && parsed.Extensions.Any;
                if (isExtended) Assert.IsLessThanOrEqualTo(request.Length * TrackerLimits.MaxUnprovenAmplification, sent.Bytes, context);
            }
        }
    }

    private static readonly string[] Requests =
    [
        "REQUEST 1 f1 id=1", "REQUEST 6 id=1", "REQUEST 7 f2 id=abc", "REQUEST 3 f1 9", "REQUEST 4 f1 1 198.51.100.7 id=7", "REQUEST 5 1.2.3.4", "junk",
        "REQUEST 1 f1 page=1-2-3", $"REFRESH peer={new string('a', 64)} id=1", $"RENDEZVOUS to={new string('b', 64)} peer={new string('a', 64)} offer=aGVsbG8 id=3",
    ];

    private static byte[] Mutate(Random random, string request)
    {
        var bytes = new List<byte>(Encoding.UTF8.GetBytes(request));
        for (int changes = random.Next(4); changes > 0 && bytes.Count > 0; changes--)
        {
            int at = random.Next(bytes.Count);
            if (random.Next(3) == 0) bytes.RemoveAt(at);
            else if (random.Next(2) == 0) bytes.Insert(at, (byte)random.Next(256));
            else bytes[at] = (byte)random.Next(256);
        }

        return [.. bytes];
    }

    private static string Wire(string name)
    {
        byte[] wire = new byte[TrackerLimits.MaxEncodedNameBytes];
        Assert.IsTrue(TrackerName.TryEncode(Encoding.UTF8.GetBytes(name), wire, escapeEquals: true, out int length));
        return Encoding.UTF8.GetString(wire, 0, length);
    }

    private static Dictionary<string, ChunkSet> ReadPages(VirtualTracker tracker, string wire, out int peers)
    {
        var found = new Dictionary<string, ChunkSet>();
        string page = string.Empty;
        peers = 0;
        for (int pages = 0; pages < 1_000; pages++)
        {
            byte[] reply = Encoding.UTF8.GetBytes(tracker.AskProven(Asker, string.Create(CultureInfo.InvariantCulture, $"REQUEST 1 {wire} id=1{page}"))!);
            Assert.IsLessThanOrEqualTo(TrackerLimits.MaxDatagramBytes, reply.Length);
            Assert.IsTrue(TrackerReplyParser.TryParse(reply, out TrackerReply parsed));
            peers = parsed.Extensions.Peers;
            var reader = new TrackerEntryReader(parsed.Body);
            while (reader.TryRead(out TrackerEntry entry))
            {
                if (!found.TryGetValue(entry.Address.ToString(), out ChunkSet? chunks)) found.Add(entry.Address.ToString(), chunks = new ChunkSet());
                Assert.IsTrue(chunks.TryAddText(entry.Chunks, int.MaxValue));
            }

            Assert.IsTrue(reader.IsAtEnd);
            if (parsed.Extensions.Next.IsEmpty) return found;
            page = $" page={Encoding.ASCII.GetString(parsed.Extensions.Next)}";
        }

        throw new AssertFailedException("The pages have no end.");
    }
}
