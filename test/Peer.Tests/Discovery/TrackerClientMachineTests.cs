using System.Text;
using CS3103P2P.Peer.Discovery;
using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Tests.Discovery;

[TestClass]
public sealed class TrackerClientMachineTests
{
    private static readonly ShareDescriptor Descriptor = new("f.bin", ShareKind.File, 10_000 * 2048L, 2048, Sha256Digest.Of("x"u8));

    [TestMethod]
    public void Lookup_Silence_IsSentFiveTimesTheLastOnesLiterally_ThenEndsWithoutAnswer()
    {
        var tracker = new FakeTracker();
        TrackerExchange exchange = tracker.Run(new TrackerExchange(TrackerExchangeKind.Lookup) { Name = "a b" }, TimeSpan.FromSeconds(10));
        Assert.AreEqual(TrackerExchangeStatus.NoAnswer, exchange.Status);
        Assert.HasCount(5, tracker.Requests);
        Assert.StartsWith("REQUEST 1 a%20b id=", tracker.Requests[0]);
        Assert.AreEqual("REQUEST 1 a%20b", tracker.Requests[4]);
        Assert.IsTrue(tracker.Machine.TryTakeEnded(out TrackerExchange? ended));
        Assert.AreSame(exchange, ended);
        Assert.IsNull(tracker.Machine.Deadline);
    }

    [TestMethod]
    public void Lookup_LiteralTracker_IsUnderstood()
    {
        var tracker = new FakeTracker { Answer = request => request.Contains('=') ? null : "RESPONSE f.bin 1 203.0.113.5 6881|f.bin 2 203.0.113.5 6881|f.bin 2 203.0.113.6 7000|" };
        TrackerExchange exchange = tracker.Run(new TrackerExchange(TrackerExchangeKind.Lookup) { Name = "f.bin" }, TimeSpan.FromSeconds(10));
        SwarmListing listing = exchange.Listing.ToListing();
        Assert.AreEqual(TrackerExchangeStatus.Answered, exchange.Status);
        Assert.IsNull(listing.Descriptor);
        Assert.HasCount(2, listing.Peers);
        Assert.AreEqual(2, listing.Peers.Single(peer => peer.Address.Port == 6881).Chunks.Count);
    }

    [TestMethod]
    public void Lookup_Challenged_RepeatsWithTheCookieAtOnce()
    {
        var tracker = new FakeTracker();
        tracker.Answer = request => FakeTracker.ExtensionOf(request, "cookie") == "00000000000000ff"
            ? $"RESPONSE f.bin 1-3 203.0.113.5 6881| peers=1 id={FakeTracker.IdOf(request)}"
            : $"CHALLENGE cookie=00000000000000ff id={FakeTracker.IdOf(request)}";
        TrackerExchange exchange = tracker.Run(new TrackerExchange(TrackerExchangeKind.Lookup) { Name = "f.bin" }, TimeSpan.Zero);
        Assert.AreEqual(TrackerExchangeStatus.Answered, exchange.Status);
        Assert.HasCount(2, tracker.Requests);
        Assert.AreEqual(3, exchange.Listing.ToListing().Peers.Single().Chunks.Count);
    }

    [TestMethod]
    public void Lookup_TrackerThatChallengesForEver_EndsAndDoesNotFlood()
    {
        var tracker = new FakeTracker();
        tracker.Answer = request => $"CHALLENGE cookie=0000000000000001 id={FakeTracker.IdOf(request)}";
        TrackerExchange exchange = tracker.Run(new TrackerExchange(TrackerExchangeKind.Lookup) { Name = "f.bin" }, TimeSpan.FromSeconds(30));
        Assert.AreEqual(TrackerExchangeStatus.NoAnswer, exchange.Status);
        Assert.IsLessThan(20, tracker.Requests.Count);
    }

    [TestMethod]
    public void Lookup_PagesWithDuplicatesOfEarlierOnes_AreReadOnce()
    {
        var tracker = new FakeTracker();
        string? first = null;
        tracker.Answer = request =>
        {
            string id = FakeTracker.IdOf(request);
            if (FakeTracker.ExtensionOf(request, "page") is null) return first = $"RESPONSE f.bin 1-3 203.0.113.5 6881| next=5-3-1 id={id}";
            tracker.Deliver(first!);
            return $"RESPONSE f.bin 7 203.0.113.5 6881| id={id}";
        };
        TrackerExchange exchange = tracker.Run(new TrackerExchange(TrackerExchangeKind.Lookup) { Name = "f.bin" }, TimeSpan.Zero);
        Assert.AreEqual(TrackerExchangeStatus.Answered, exchange.Status);
        Assert.HasCount(2, tracker.Requests);
        Assert.AreEqual(4, exchange.Listing.ToListing().Peers.Single().Chunks.Count);
    }

    [TestMethod]
    public void Announce_TrackerAnswers_RegistersOnceThenTellsOnlyWhatIsNew()
    {
        var tracker = new FakeTracker { Answer = Accept };
        tracker.Machine.Announce(tracker.Now, new Registration(Descriptor, new ChunkSet(new ChunkRange(0, 10))));
        tracker.RunFor(TimeSpan.FromSeconds(5));
        Assert.AreEqual(1, tracker.Machine.RegisteredCount);
        string upload = tracker.Requests.Single();
        Assert.StartsWith("REQUEST 4 f.bin - - chunks=1-10 size=20480000 chunk=2048 root=", upload);
        Assert.AreEqual(FakeTracker.Self.ToString(), FakeTracker.ExtensionOf(upload, "peer"));

        var more = new ChunkSet(new ChunkRange(0, 10));
        for (int chunk = 10; chunk < 30; chunk++)
        {
            more.Add(chunk);
            tracker.Machine.Announce(tracker.Now, new Registration(Descriptor, more));
        }

        tracker.RunFor(TimeSpan.FromSeconds(5));
        Assert.HasCount(2, tracker.Requests);
        Assert.StartsWith("REQUEST 3 f.bin - - chunks=11-30 ", tracker.Requests[1]);
    }

    [TestMethod]
    public void Announce_TrackerRestartsBetweenTwoReports_IsToldEverythingAgain()
    {
        string cookie = "0000000000000001";
        var told = new ChunkSet();
        var tracker = new FakeTracker();
        tracker.Answer = request =>
        {
            if (FakeTracker.ExtensionOf(request, "cookie") != cookie) return $"CHALLENGE cookie={cookie} id={FakeTracker.IdOf(request)}";
            told.TryAddText(Encoding.ASCII.GetBytes(FakeTracker.ExtensionOf(request, "chunks")!), ChunkSet.DefaultMaxRuns);
            return Accept(request);
        };
        tracker.Machine.Announce(tracker.Now, new Registration(Descriptor, new ChunkSet(new ChunkRange(0, 10))));
        tracker.RunFor(TimeSpan.FromSeconds(5));
        (cookie, told) = ("0000000000000002", new ChunkSet());
        tracker.Machine.Announce(tracker.Now, new Registration(Descriptor, new ChunkSet(new ChunkRange(0, 12))));
        tracker.RunFor(TimeSpan.FromSeconds(5));
        Assert.AreEqual(12, told.Count, told.ToString());
    }

    [TestMethod]
    public void Announce_LateAnswerToAnEarlierReport_DoesNotConfirmWhatCameAfterIt()
    {
        var tracker = new FakeTracker();
        tracker.Machine.Announce(tracker.Now, new Registration(Descriptor, new ChunkSet(new ChunkRange(0, 10))));
        tracker.RunFor(TimeSpan.FromMilliseconds(100));
        tracker.Machine.Announce(tracker.Now, new Registration(Descriptor, new ChunkSet(new ChunkRange(0, 20))));
        tracker.RunFor(TimeSpan.FromSeconds(1));
        Assert.Contains(" chunks=1-20 ", tracker.Requests[^1]);
        tracker.Deliver(Accept(tracker.Requests[0])!);
        int lost = tracker.Requests.Count;
        tracker.Answer = Accept;
        tracker.RunFor(TimeSpan.FromSeconds(10));
        Assert.IsTrue(tracker.Requests.Skip(lost).Any(request => request.Contains(" chunks=1-20 ", StringComparison.Ordinal)), string.Join('\n', tracker.Requests));
    }

    [TestMethod]
    public void Announce_SomebodyForgedALiteralReply_TheTrackerIsFoundToKnowExtensionsAndToldAgain()
    {
        var tracker = new FakeTracker();
        tracker.Machine.Announce(tracker.Now, new Registration(Descriptor, new ChunkSet(new ChunkRange(0, 10))));
        tracker.Answer = request =>
        {
            tracker.Answer = Accept;
            return "RESPONSE OK";
        };
        tracker.RunFor(TimeSpan.FromSeconds(30));
        Assert.AreEqual(TrackerDialect.Extended, tracker.Machine.Dialect);
        Assert.Contains(" chunks=1-10 ", tracker.Requests.Last(request => request.StartsWith("REQUEST 4", StringComparison.Ordinal)));
        int before = tracker.Requests.Count;
        tracker.RunFor(TimeSpan.FromSeconds(30));
        Assert.IsTrue(tracker.Requests.Skip(before).Any(request => request.StartsWith("REFRESH", StringComparison.Ordinal)), "The lease runs out.");
    }

    [TestMethod]
    public void Announce_ForgedLiteralReplyThenSilence_TheLeaseIsRenewedOnceTheTrackerIsBack()
    {
        var tracker = new FakeTracker();
        tracker.Machine.Announce(tracker.Now, new Registration(Descriptor, new ChunkSet(new ChunkRange(0, 10))));
        tracker.RunFor(TimeSpan.FromMilliseconds(100));
        tracker.Deliver("RESPONSE OK");
        tracker.RunFor(TimeSpan.FromSeconds(60));
        tracker.Machine.Start(tracker.Now, new TrackerExchange(TrackerExchangeKind.Lookup) { Name = "f.bin" });
        tracker.RunFor(TimeSpan.FromSeconds(60));
        tracker.Answer = Accept;
        tracker.RunFor(TimeSpan.FromSeconds(60));
        int before = tracker.Requests.Count;
        tracker.RunFor(TimeSpan.FromSeconds(30));
        Assert.IsTrue(tracker.Requests.Skip(before).Any(request => request.StartsWith("REFRESH", StringComparison.Ordinal)), "The lease runs out.");
    }

    [TestMethod]
    public void Announce_WhileAWithdrawalIsSentAgain_StandsInTheEnd()
    {
        var listed = new ChunkSet();
        bool isDeaf = false;
        var tracker = new FakeTracker();
        tracker.Answer = request => isDeaf ? null : Apply(listed, request);
        tracker.Machine.Announce(tracker.Now, new Registration(Descriptor, new ChunkSet(new ChunkRange(0, 5))));
        tracker.RunFor(TimeSpan.FromSeconds(1));
        isDeaf = true;
        tracker.Machine.Withdraw(tracker.Now, Descriptor.Name);
        tracker.RunFor(TimeSpan.FromMilliseconds(100));
        isDeaf = false;
        tracker.Machine.Announce(tracker.Now, new Registration(Descriptor, new ChunkSet(new ChunkRange(0, 7))));
        tracker.RunFor(TimeSpan.FromMilliseconds(100));
        Assert.AreEqual(7, listed.Count);
        tracker.RunFor(TimeSpan.FromSeconds(1));
        tracker.Machine.Announce(tracker.Now, new Registration(Descriptor, new ChunkSet(new ChunkRange(0, 8))));
        tracker.RunFor(TimeSpan.FromSeconds(15));
        Assert.AreEqual(2, tracker.Requests.Count(request => request.StartsWith("REQUEST 5", StringComparison.Ordinal)), string.Join('\n', tracker.Requests));
        Assert.AreEqual(8, listed.Count, string.Join('\n', tracker.Requests));
        Assert.IsTrue(tracker.Machine.IsRegistered(Descriptor.Name));
    }

    [TestMethod]
    [DataRow(false, DisplayName = "Withdraw")]
    [DataRow(true, DisplayName = "Leave")]
    public void Withdraw_WhileARegistrationIsUnanswered_IsNotUndoneByIt(bool leaves)
    {
        var listed = new ChunkSet();
        bool isDeaf = true;
        var tracker = new FakeTracker();
        tracker.Answer = request => isDeaf ? null : Apply(listed, request);
        tracker.Machine.Announce(tracker.Now, new Registration(Descriptor, new ChunkSet(new ChunkRange(0, 5))));
        tracker.RunFor(TimeSpan.FromMilliseconds(100));
        isDeaf = false;
        if (leaves) tracker.Machine.Leave(tracker.Now, new TrackerExchange(TrackerExchangeKind.Leave));
        else tracker.Machine.Withdraw(tracker.Now, Descriptor.Name);
        tracker.RunFor(TimeSpan.FromSeconds(15));
        Assert.IsTrue(listed.IsEmpty, string.Join('\n', tracker.Requests));
        Assert.AreEqual(0, tracker.Machine.RegisteredCount);
    }

    [TestMethod]
    public void Withdraw_ManyUnansweredRegistrations_LeaveRoomForOthers()
    {
        var tracker = new FakeTracker();
        for (int round = 0; round < 20; round++)
        {
            tracker.Machine.Announce(tracker.Now, new Registration(Descriptor, new ChunkSet(new ChunkRange(0, 5))));
            tracker.RunFor(TimeSpan.FromMilliseconds(10));
            tracker.Machine.Withdraw(tracker.Now, Descriptor.Name);
            tracker.RunFor(TimeSpan.FromMilliseconds(10));
        }

        tracker.Answer = Accept;
        tracker.Machine.Announce(tracker.Now, new Registration(Descriptor, new ChunkSet(new ChunkRange(0, 5))));
        tracker.RunFor(TimeSpan.FromMilliseconds(10));
        Assert.IsTrue(tracker.Machine.IsRegistered(Descriptor.Name));
    }

    [TestMethod]
    public void Announce_ManyRuns_TravelInSeveralDatagrams()
    {
        var told = new ChunkSet();
        var tracker = new FakeTracker();
        tracker.Answer = request =>
        {
            if (FakeTracker.ExtensionOf(request, "chunks") is { Length: > 0 } chunks) told.TryAddText(Encoding.ASCII.GetBytes(chunks), ChunkSet.DefaultMaxRuns);
            return Accept(request);
        };
        var scattered = new ChunkSet();
        for (int chunk = 0; chunk < 2000; chunk += 2) scattered.Add(chunk);
        tracker.Machine.Announce(tracker.Now, new Registration(Descriptor, scattered));
        tracker.RunFor(TimeSpan.FromSeconds(15));
        Assert.IsTrue(scattered.SetEquals(told), $"{told.Count} of {scattered.Count} were told.");
    }

    [TestMethod]
    public void Refresh_NatForgetsTheMappingSoon_ComesSoOftenThatItStays()
    {
        TimeSpan lifetime = TimeSpan.FromSeconds(6);
        var tracker = new FakeTracker();
        var lastHeard = tracker.Now;
        int losses = 0;
        tracker.Answer = request =>
        {
            if (tracker.Now - lastHeard > lifetime) losses++;
            lastHeard = tracker.Now;
            string id = FakeTracker.IdOf(request);

            // The cookie belongs to the port, so that the tracker challenges at each new one.
            string cookie = $"{losses + 1:x16}";
            return FakeTracker.ExtensionOf(request, "cookie") == cookie
                ? $"RESPONSE OK lease=120 address=203.0.113.5:{5000 + losses} files=0 id={id}"
                : $"CHALLENGE cookie={cookie} id={id}";
        };
        tracker.Machine.KeepPresent(tracker.Now);
        tracker.RunFor(TimeSpan.FromMinutes(2));
        Assert.IsInRange(1, 4, losses);
        int before = losses;
        tracker.RunFor(TimeSpan.FromMinutes(2));
        Assert.AreEqual(before, losses);
    }

    [TestMethod]
    public void Refresh_TrackerLostEverything_RegistersAnew()
    {
        var tracker = new FakeTracker { Answer = Accept };
        tracker.Machine.Announce(tracker.Now, new Registration(Descriptor, new ChunkSet(new ChunkRange(0, 10))));
        tracker.RunFor(TimeSpan.FromSeconds(1));
        tracker.Requests.Clear();
        tracker.Answer = request => request.StartsWith("REFRESH", StringComparison.Ordinal) ? $"RESPONSE OK files=0 id={FakeTracker.IdOf(request)}" : Accept(request);
        tracker.RunFor(TimeSpan.FromSeconds(25));
        Assert.AreEqual(1, tracker.Requests.Count(request => request.StartsWith("REQUEST 4 f.bin - - chunks=1-10", StringComparison.Ordinal)), string.Join('\n', tracker.Requests));
    }

    [TestMethod]
    public void Refresh_TrackerSilentForMinutesThenBack_RegistersWithinSeconds()
    {
        var tracker = new FakeTracker { Answer = Accept };
        tracker.Machine.Announce(tracker.Now, new Registration(Descriptor, new ChunkSet(new ChunkRange(0, 10))));
        tracker.RunFor(TimeSpan.FromSeconds(1));
        tracker.Answer = _ => null;
        tracker.RunFor(TimeSpan.FromMinutes(10));
        Assert.IsLessThan(500, tracker.Requests.Count, "A silent tracker is not flooded.");
        bool restarted = true;
        tracker.Answer = request =>
        {
            if (request.StartsWith("REFRESH", StringComparison.Ordinal) && restarted) return $"RESPONSE OK files=0 id={FakeTracker.IdOf(request)}";
            restarted = false;
            return Accept(request);
        };
        tracker.Requests.Clear();
        tracker.RunFor(TimeSpan.FromSeconds(15));
        Assert.IsTrue(tracker.Requests.Exists(request => request.StartsWith("REQUEST 4", StringComparison.Ordinal)), string.Join('\n', tracker.Requests));
    }

    [TestMethod]
    public void SetPublicAddress_Changed_RegistersAnewUnderIt_AndGivesWayWhenForbidden()
    {
        var tracker = new FakeTracker { Answer = Accept };
        tracker.Machine.Announce(tracker.Now, new Registration(Descriptor, new ChunkSet(new ChunkRange(0, 10))));
        tracker.RunFor(TimeSpan.FromSeconds(1));
        tracker.Machine.SetPublicAddress(tracker.Now, TransportAddress.FromIPv4(0xC6336407, 7007));
        tracker.RunFor(TimeSpan.FromSeconds(1));
        Assert.StartsWith("REQUEST 4 f.bin - 198.51.100.7 7007 chunks=1-10", tracker.Requests[^1]);

        tracker.Answer = request => request.Contains("198.51.100.8") ? $"ERROR 403 not yours id={FakeTracker.IdOf(request)}" : Accept(request);
        tracker.Machine.SetPublicAddress(tracker.Now, TransportAddress.FromIPv4(0xC6336408, 7007));
        tracker.RunFor(TimeSpan.FromSeconds(2));
        Assert.StartsWith("REQUEST 4 f.bin - - chunks=1-10", tracker.Requests[^1]);
        Assert.AreEqual(1, tracker.Machine.RegisteredCount);
    }

    [TestMethod]
    public void HandleDatagram_OffersOfPeers_AreHandedOnUpToALimit()
    {
        var tracker = new FakeTracker();
        string offer = $"RENDEZVOUS peer={FakeTracker.Self} offer=AQID address=198.51.100.7:7007";
        for (int i = 0; i < 1000; i++) tracker.Deliver(offer);
        int taken = 0;
        for (; tracker.Machine.TryTakeOffer(out RendezvousOffer? received); taken++)
        {
            CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, received!.Offer.ToArray());
            Assert.AreEqual("198.51.100.7:7007", received.SeenAt.ToString());
        }

        Assert.IsInRange(1, 100, taken);
    }

    [TestMethod]
    public void HandleDatagram_MutatedReplies_NeverThrow()
    {
        const int seed = 3103;
        var random = new Random(seed);
        var tracker = new FakeTracker();
        tracker.Machine.Announce(tracker.Now, new Registration(Descriptor, new ChunkSet(new ChunkRange(0, 10))));
        for (int round = 0; round < 5_000; round++)
        {
            var exchange = new TrackerExchange((TrackerExchangeKind)random.Next(3)) { Name = "f.bin" };
            tracker.Machine.Start(tracker.Now, exchange);
            string reply = random.Next(3) switch
            {
                0 => $"RESPONSE f.bin 1-3,7 203.0.113.5 6881 peer={FakeTracker.Self}|f.bin 2 [::1] 5| size=5000 chunk=2048 root={Descriptor.Root} next=1-2-3 id={exchange.Id}",
                1 => $"RESPONSE a, b%20, f.bin id={exchange.Id}",
                _ => $"ERROR 400 no id={exchange.Id}",
            };
            byte[] bytes = Encoding.UTF8.GetBytes(reply);
            for (int flips = random.Next(4); flips > 0; flips--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            tracker.Machine.HandleDatagram(tracker.Now, FakeTracker.Address, bytes.AsSpan(0, random.Next(bytes.Length + 1)));
            tracker.Machine.Cancel(exchange);
            while (tracker.Machine.TryTakeEnded(out _))
            {
                // Only that nothing throws counts here.
            }
        }

        Assert.IsNotNull(tracker.Machine.Deadline, $"seed {seed}");
    }

    // What a tracker does with what one peer says of one file.
    private static string Apply(ChunkSet listed, string request)
    {
        if (request.StartsWith("REQUEST 5", StringComparison.Ordinal)) listed.Clear();
        else if (FakeTracker.ExtensionOf(request, "chunks") is { } chunks) listed.TryAddText(Encoding.UTF8.GetBytes(chunks), ChunkSet.DefaultMaxRuns);
        return $"RESPONSE OK files={(listed.IsEmpty ? 0 : 1)} lease=120 address=203.0.113.9:6881 id={FakeTracker.IdOf(request)}";
    }

    private static string Accept(string request) => $"RESPONSE OK files=1 lease=120 address=203.0.113.9:6881 id={FakeTracker.IdOf(request)}";
}
