using CS3103P2P.Peer.Discovery;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Udp;
using CS3103P2P.Transport;

namespace CS3103P2P.Fuzz;

/// <summary>The tracker's text, on both sides.</summary>
internal static class TrackerTargets
{
    private const string Peer = "abababababababababababababababababababababababababababababababab";
    private static readonly TransportAddress Source = TransportAddress.FromIPv4(0xCB007107, 6881);
    private static readonly TransportAddress Server = TransportAddress.FromIPv4(0xCB007105, 80);

    private static readonly byte[][] Requests =
    [
        Bytes("REQUEST 1 test.txt"), Bytes("REQUEST 2 test.txt id=7 page=5-3-1"), Bytes("REQUEST 3 test.txt 4 203.0.113.7 6881"), Bytes("REQUEST 6 id=1"),
        Bytes("REQUEST 4 203.0.113.7 6881 f 1|f 2|"), Bytes("REQUEST 3 f 1 203.0.113.7 6881"), Bytes("REQUEST 5 203.0.113.7 6881"), Bytes("REQUEST 7 a%20b id=9\r\n"),
        Bytes($"REQUEST 4 f.bin - - chunks=1-10,12 size=20480000 chunk=2048 root={Peer} peer={Peer} lease=120 cookie=00000000000000ff id=3"),
        Bytes($"REFRESH peer={Peer} lease=120 cookie=00000000000000ff id=4"), Bytes($"RENDEZVOUS to={Peer} peer={Peer} offer=AAECAw cookie=00000000000000ff id=5"),
        Bytes("REQUEST 4 f 1 [2001:db8::1]:6881"), Bytes("REQUEST 4 f 1 2001:db8::1 6881 candidates=203.0.113.9:1,[2001:db8::2]:2"),
    ];

    private static readonly byte[][] Replies =
    [
        Bytes("RESPONSE test.txt 1 203.0.113.5 6881|test.txt 2 203.0.113.6 6881|"), Bytes("RESPONSE a.txt, b.txt"), Bytes("RESPONSE Not Found"), Bytes("RESPONSE OK"),
        Bytes($"RESPONSE f.bin 1-3,5 203.0.113.5 6881 peer={Peer}|f.bin 7 [2001:db8::1] 1| size=20480000 chunk=2048 root={Peer} next=5-3-1 peers=2 id=1048577"),
        Bytes("RESPONSE OK lease=120 address=203.0.113.9:6881 files=2 id=2"), Bytes("CHALLENGE cookie=00000000000000ff id=3"), Bytes("ERROR 403 register first id=4"),
        Bytes($"RENDEZVOUS peer={Peer} address=203.0.113.9:6881 offer=AAECAw"),
    ];

    public static IEnumerable<FuzzTarget> Create()
    {
        yield return new FuzzTarget("tracker request", ReadRequest, Requests, 30);
        yield return new FuzzTarget("tracker reply", ReadReply, Replies, 30);
        yield return new FuzzTarget("tracker core", NewCore(), Requests, 15);
        yield return new FuzzTarget("tracker strangers", new StrangerTarget().Run, Requests, 15);
        yield return new FuzzTarget("tracker client", NewClient(), Replies, 10);
        yield return new FuzzTarget("chunk set text", ReadChunkSet, [Bytes("1-512,600"), Bytes("1,3,5-9,2147483647"), Bytes("7")]);
        yield return new FuzzTarget("address text", ReadAddress, [Bytes("203.0.113.5:6881"), Bytes("[2001:db8::1%3]:80"), Bytes("fe80::1"), Bytes("1.2.3.4")]);
        yield return new FuzzTarget("page mark", input => _ = PageMark.TryParse(input, out _), [Bytes("5-3-1"), Bytes("18446744073709551615-1-1")], 5);
    }

    private static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private static void ReadRequest(ReadOnlySpan<byte> input)
    {
        if (TrackerRequestParser.TryParse(input, out TrackerRequest request) != TrackerRequestError.None) return;
        var chunks = new TrackerChunkListReader(request.Entries);
        while (chunks.TryRead(out _, out int chunk)) Check.That(chunk >= 0, "a negative chunk");
        var candidates = new TrackerCandidateReader(request.Extensions.Candidates);
        while (candidates.TryRead(out _))
        {
        }
    }

    private static void ReadReply(ReadOnlySpan<byte> input)
    {
        if (!TrackerReplyParser.TryParse(input, out TrackerReply reply)) return;
        var entries = new TrackerEntryReader(reply.Body);
        while (entries.TryRead(out TrackerEntry entry)) TrackerName.TryDecode(entry.Name, out _);
        var names = new TrackerNameListReader(reply.LiteralBody);
        while (names.TryRead(out ReadOnlySpan<byte> name)) TrackerName.TryDecode(name, out _);
    }

    private static FuzzInput NewCore()
    {
        var core = new TrackerCore(new TrackerCoreOptions { RequestsPerSecond = 0, LiteralBytesPerSecond = 0 }, new byte[16], new Random(1));
        core.AddSocket();
        byte[] reply = new byte[TrackerLimits.MaxRequestBytes];
        long micros = 0;
        return input =>
        {
            int length = core.Answer(new MonotonicTime(micros += 50_000), 0, Source, input, reply);
            bool isError = reply.AsSpan(0, length).StartsWith("ERROR"u8);
            Check.That(!isError || length <= input.Length + 100, "an error longer than the request and 100 bytes");
        };
    }

    private static FuzzInput NewClient()
    {
        long micros = 0;
        TrackerClientMachine? machine = null;
        byte[] buffer = new byte[2_000];
        int uses = 0;
        return input =>
        {
            var now = new MonotonicTime(micros += 100_000);
            if (machine is null || ++uses % 64 == 0)
            {
                machine = new TrackerClientMachine(default, new Random(1));
                machine.SetTracker(now, Server);
                machine.Announce(now, new Registration(new ShareDescriptor("f.bin", ShareKind.File, 20_480, 2_048, Sha256Digest.Of("x"u8)), new ChunkSet(new ChunkRange(0, 10))));
                machine.Start(now, new TrackerExchange(TrackerExchangeKind.Lookup) { Name = "f.bin" });
            }

            machine.HandleDatagram(now, Server, input);
            if (machine.Deadline <= now) machine.HandleTimeout(now);
            for (int sent = 0; machine.PollTransmit(now, buffer, out _); sent++) Check.That(sent < 1_000, "a flood of requests");
            while (machine.TryTakeEnded(out _) || machine.TryTakeOffer(out _))
            {
            }
        };
    }

    private static void ReadChunkSet(ReadOnlySpan<byte> input)
    {
        if (!ChunkSet.TryParse(input, 64, out ChunkSet set)) return;
        Check.That(set.RunCount <= 64 && set.Count >= 0, "a set beyond its limits");
        Check.That(ChunkSet.TryParse(System.Text.Encoding.ASCII.GetBytes(set.ToString()), 64, out ChunkSet again) && again.SetEquals(set), "a set that does not survive its text");
    }

    private static void ReadAddress(ReadOnlySpan<byte> input)
    {
        if (!TransportAddress.TryParse(input, 80, out TransportAddress address)) return;
        Check.That(TransportAddress.TryParse(address.ToString(), 80, out TransportAddress again) && again == address, "an address that does not survive its text");
    }
}
