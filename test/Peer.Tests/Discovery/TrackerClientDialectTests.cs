using CS3103P2P.Peer.Discovery;
using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Tests.Discovery;

/// <summary>Trackers that know no extensions, trackers that do not know this peer, and links that lose.</summary>
[TestClass]
public sealed class TrackerClientDialectTests
{
    private const string GoodCookie = "00000000000000aa";
    private static readonly ShareDescriptor Descriptor = new("f 1.bin", ShareKind.File, 10_000 * 2048L, 2048, Sha256Digest.Of("x"u8));
    private static readonly TransportAddress Public = TransportAddress.FromIPv4(0xCB007109, 7000);

    [TestMethod]
    public void Announce_TrackerInSeedForm_IsToldChunkByChunkAndAgainLater()
    {
        var tracker = new FakeTracker { Answer = request => request.Contains('=') ? "ERROR 400 too many fields" : "RESPONSE OK" };
        tracker.Machine.SetPublicAddress(tracker.Now, Public);
        tracker.Machine.Announce(tracker.Now, new Registration(Descriptor, new ChunkSet(new ChunkRange(0, 3))));
        tracker.RunFor(TimeSpan.FromSeconds(5));
        string[] literal = [.. tracker.Requests.Where(request => !request.Contains('='))];
        CollectionAssert.AreEqual(
            new[] { "REQUEST 4 f%201.bin 1 203.0.113.9 7000", "REQUEST 3 f%201.bin 2 203.0.113.9 7000", "REQUEST 3 f%201.bin 3 203.0.113.9 7000" }, literal);
        Assert.AreEqual(TrackerDialect.Literal, tracker.Machine.Dialect);
        tracker.RunFor(TimeSpan.FromMinutes(6));
        Assert.AreEqual(2, tracker.Requests.Count(request => request == literal[0]));
    }

    [TestMethod]
    public void Announce_TrackerThatAnswersQuestionsAlone_IsToldInItsListForm()
    {
        var tracker = new FakeTracker { Answer = request => request.StartsWith("REQUEST 6", StringComparison.Ordinal) ? "RESPONSE other.txt" : null };
        tracker.Machine.SetPublicAddress(tracker.Now, Public);
        tracker.Machine.Announce(tracker.Now, new Registration(Descriptor, new ChunkSet(new ChunkRange(0, 3))));
        tracker.RunFor(TimeSpan.FromSeconds(30));
        Assert.Contains("REQUEST 4 203.0.113.9 7000 f%201.bin 1|f%201.bin 2|f%201.bin 3|", tracker.Requests);
        Assert.AreEqual(1, tracker.Machine.RegisteredCount);
        Assert.IsLessThan(20, tracker.Requests.Count);
    }

    [TestMethod]
    public void Start_SeveralQuestionsToALiteralTracker_EachGetsItsOwnAnswer()
    {
        var tracker = new FakeTracker
        {
            Answer = request => request switch
            {
                "REQUEST 1 a" => "RESPONSE a 1 203.0.113.5 6881|",
                "REQUEST 1 b" => "RESPONSE b 1 203.0.113.6 6881|",
                "REQUEST 7 c" => "RESPONSE Not Found",
                _ => "RESPONSE ",
            },
        };
        var a = new TrackerExchange(TrackerExchangeKind.Lookup) { Name = "a" };
        var b = new TrackerExchange(TrackerExchangeKind.Lookup) { Name = "b" };
        var c = new TrackerExchange(TrackerExchangeKind.Find) { Name = "c" };
        foreach (TrackerExchange exchange in (TrackerExchange[])[a, b, c]) tracker.Machine.Start(tracker.Now, exchange);
        tracker.RunFor(TimeSpan.FromSeconds(10));
        Assert.AreEqual("203.0.113.5:6881", a.Listing.ToListing().Peers.Single().Address.ToString());
        Assert.AreEqual("203.0.113.6:6881", b.Listing.ToListing().Peers.Single().Address.ToString());
        Assert.AreEqual(TrackerExchangeStatus.Answered, c.Status);
        Assert.IsFalse(c.IsFound);
    }

    [TestMethod]
    public void Lookup_LiteralReplyToTheFirstRequest_IsAskedAgainInThatFormAtOnce()
    {
        var tracker = new FakeTracker { Answer = request => request.Contains('=') ? "RESPONSE " : "RESPONSE f 1 203.0.113.5 6881|" };
        TrackerExchange exchange = tracker.Run(new TrackerExchange(TrackerExchangeKind.Lookup) { Name = "f" }, TimeSpan.Zero);
        Assert.HasCount(1, exchange.Listing.ToListing().Peers);
    }

    [TestMethod]
    public void Lookup_TrackerForgotTheCookie_RegistersAnewAtOnce()
    {
        string cookie = GoodCookie;
        var tracker = new FakeTracker();
        tracker.Answer = request => FakeTracker.ExtensionOf(request, "cookie") == cookie
            ? $"RESPONSE OK lease=120 files=1 id={FakeTracker.IdOf(request)}"
            : $"CHALLENGE cookie={cookie} id={FakeTracker.IdOf(request)}";
        tracker.Machine.Announce(tracker.Now, new Registration(Descriptor, new ChunkSet(new ChunkRange(0, 9))));
        tracker.RunFor(TimeSpan.FromSeconds(2));
        cookie = "00000000000000bb";
        tracker.Requests.Clear();
        tracker.Run(new TrackerExchange(TrackerExchangeKind.List), TimeSpan.FromSeconds(2));
        Assert.Contains(request => request.StartsWith("REQUEST 4 f%201.bin - - chunks=1-9 ", StringComparison.Ordinal), tracker.Requests, string.Join('\n', tracker.Requests));
    }

    [TestMethod]
    public void Offer_TrackerDoesNotKnowThisPeer_IntroducesItselfAndAsksAgain()
    {
        bool isKnown = false;
        var tracker = new FakeTracker();
        tracker.Answer = request =>
        {
            isKnown |= request.StartsWith("REFRESH", StringComparison.Ordinal);
            string id = FakeTracker.IdOf(request);
            return isKnown ? $"RESPONSE OK files=0 id={id}" : $"ERROR 403 register first id={id}";
        };
        var offer = new TrackerExchange(TrackerExchangeKind.Offer) { To = FakeTracker.Self, Offer = new byte[] { 1 } };
        tracker.Run(offer, TimeSpan.FromSeconds(1));
        Assert.AreEqual(TrackerExchangeStatus.Answered, offer.Status, string.Join('\n', tracker.Requests));
        tracker.RunFor(TimeSpan.FromMinutes(1));
        Assert.IsGreaterThanOrEqualTo(3, tracker.Requests.Count(request => request.StartsWith("REFRESH", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Announce_LongestName_StillHasRoomForChunks()
    {
        var tracker = new FakeTracker { Answer = request => $"RESPONSE OK id={FakeTracker.IdOf(request)}" };
        tracker.Machine.SetPublicAddress(tracker.Now, new TransportAddress(System.Net.IPAddress.Parse("2001:db8:1111:2222:3333:4444:5555:6666"), 65_535));
        var share = new ShareDescriptor(new string('%', ShareName.MaxBytes), ShareKind.Directory, (long)int.MaxValue * 2048, 2048, Sha256Digest.Of("x"u8));
        tracker.Machine.Announce(tracker.Now, new Registration(share, new ChunkSet(new ChunkRange(1_000_000_000, 1_000_000)), Unlisted: true));
        tracker.RunFor(TimeSpan.FromSeconds(1));
        Assert.AreEqual("1000000001-1001000000", FakeTracker.ExtensionOf(tracker.Requests.Single(), "chunks"));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public void Announce_LinkThatLosesAThirdEachWay_TellsEverything(int seed)
    {
        var random = new Random(seed);
        var told = new ChunkSet();
        var tracker = new FakeTracker();
        tracker.Answer = request =>
        {
            if (random.Next(3) == 0) return null;
            if (FakeTracker.ExtensionOf(request, "cookie") != GoodCookie) return random.Next(3) == 0 ? null : $"CHALLENGE cookie={GoodCookie} id={FakeTracker.IdOf(request)}";
            if (FakeTracker.ExtensionOf(request, "chunks") is { Length: > 0 } chunks) told.TryAddText(System.Text.Encoding.ASCII.GetBytes(chunks), int.MaxValue);
            return random.Next(3) == 0 ? null : $"RESPONSE OK lease=120 files=1 id={FakeTracker.IdOf(request)}";
        };
        var chunks = new ChunkSet();
        for (int chunk = 0; chunk < 600; chunk++)
        {
            chunks.Add(random.Next(10_000));
            if (chunk % 20 != 0) continue;
            tracker.Machine.Announce(tracker.Now, new Registration(Descriptor, chunks));
            tracker.RunFor(TimeSpan.FromSeconds(2));
        }

        tracker.Machine.Announce(tracker.Now, new Registration(Descriptor, chunks));
        tracker.RunFor(TimeSpan.FromMinutes(2));
        Assert.IsTrue(chunks.SetEquals(told), $"seed {seed}: {told.Count} of {chunks.Count}");
    }
}
