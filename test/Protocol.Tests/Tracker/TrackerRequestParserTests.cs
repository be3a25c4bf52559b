using System.Text;

namespace CS3103P2P.Protocol.Tests.Tracker;

[TestClass]
public sealed class TrackerRequestParserTests
{
    private const string Peer = "peer=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    [TestMethod]
    [DataRow("REQUEST 1 test.txt", TrackerRequestKind.Download, "test.txt", 0, null)]
    [DataRow("REQUEST 2 test.txt\r\n", TrackerRequestKind.Update, "test.txt", 0, null)]
    [DataRow("REQUEST 7 a=b.txt\0", TrackerRequestKind.QueryFile, "a=b.txt", 0, null)]
    [DataRow("REQUEST 6", TrackerRequestKind.ListFiles, "", 0, null)]
    [DataRow("REQUEST 6 ", TrackerRequestKind.ListFiles, "", 0, null)]
    [DataRow("REQUEST 3 f 2", TrackerRequestKind.ChunkDownloaded, "f", 2, null)]
    [DataRow("REQUEST 3 f 2 203.0.113.5", TrackerRequestKind.ChunkDownloaded, "f", 2, "203.0.113.5:6881")]
    [DataRow("REQUEST 3 f 2 203.0.113.5 7000", TrackerRequestKind.ChunkDownloaded, "f", 2, "203.0.113.5:7000")]
    [DataRow("REQUEST 3 203.0.113.5 7000 f 2", TrackerRequestKind.ChunkDownloaded, "f", 2, "203.0.113.5:7000")]
    [DataRow("REQUEST 4 203.0.113.9 1 203.0.113.5 7000", TrackerRequestKind.Upload, "203.0.113.9", 1, "203.0.113.5:7000")]
    [DataRow("REQUEST 4 f 2147483647 203.0.113.5:7000", TrackerRequestKind.Upload, "f", 2147483647, "203.0.113.5:7000")]
    [DataRow("REQUEST 4 f 1 2001:db8::1", TrackerRequestKind.Upload, "f", 1, "[2001:db8::1]:6881")]
    [DataRow("REQUEST 4 f 1 [2001:db8::1]:7000", TrackerRequestKind.Upload, "f", 1, "[2001:db8::1]:7000")]
    [DataRow("REQUEST 4 f 1 2001:db8::1 7000 color=blue", TrackerRequestKind.Upload, "f", 1, "[2001:db8::1]:7000")]
    [DataRow("REQUEST 5 203.0.113.5", TrackerRequestKind.Exit, "", 0, "203.0.113.5:6881")]
    [DataRow("REQUEST 5 203.0.113.5 65535", TrackerRequestKind.Exit, "", 0, "203.0.113.5:65535")]
    [DataRow("REQUEST 4 f - - chunks=1-3", TrackerRequestKind.Upload, "f", 0, null)]
    public void TryParse_Valid_GivesFields(string text, TrackerRequestKind flag, string name, int chunk, string? address)
    {
        Assert.AreEqual(TrackerRequestError.None, TrackerRequestParser.TryParse(Encoding.UTF8.GetBytes(text), out TrackerRequest request));
        Assert.AreEqual(flag, request.Flag);
        Assert.AreEqual(name, Encoding.UTF8.GetString(request.Name));
        Assert.AreEqual(chunk - 1, request.Chunk);
        Assert.AreEqual(address, request.HasAddress ? request.Address.ToString() : null);
        Assert.IsTrue(request.Entries.IsEmpty);
    }

    [TestMethod]
    [DataRow("", TrackerRequestError.UnknownVerb)]
    [DataRow("\0\r\n", TrackerRequestError.UnknownVerb)]
    [DataRow("GET / HTTP/1.1", TrackerRequestError.UnknownVerb)]
    [DataRow("request 1 f", TrackerRequestError.UnknownVerb)]
    [DataRow("REQUEST", TrackerRequestError.UnknownFlag)]
    [DataRow("REQUEST 0 f", TrackerRequestError.UnknownFlag)]
    [DataRow("REQUEST 8 f", TrackerRequestError.UnknownFlag)]
    [DataRow("REQUEST 11 f", TrackerRequestError.UnknownFlag)]
    [DataRow("REQUEST one f", TrackerRequestError.UnknownFlag)]
    [DataRow("REQUEST 1", TrackerRequestError.MissingName)]
    [DataRow("REQUEST 1 a b", TrackerRequestError.TooManyFields)]
    [DataRow("REQUEST 1 a id=1 b", TrackerRequestError.TooManyFields)]
    [DataRow("REQUEST 1 a%2", TrackerRequestError.BadName)]
    [DataRow("REQUEST 1 a%zz", TrackerRequestError.BadName)]
    [DataRow("REQUEST 1 a%00", TrackerRequestError.BadName)]
    [DataRow("REQUEST 1 a%FF", TrackerRequestError.BadName)]
    [DataRow("REQUEST 1 a|b", TrackerRequestError.BadName)]
    [DataRow("REQUEST 3 f", TrackerRequestError.MissingChunk)]
    [DataRow("REQUEST 3 f 0", TrackerRequestError.BadChunk)]
    [DataRow("REQUEST 3 f -1", TrackerRequestError.BadChunk)]
    [DataRow("REQUEST 3 f +1", TrackerRequestError.BadChunk)]
    [DataRow("REQUEST 3 f 1x", TrackerRequestError.BadChunk)]
    [DataRow("REQUEST 3 f 2147483648", TrackerRequestError.BadChunk)]
    [DataRow("REQUEST 3 f 99999999999999999999", TrackerRequestError.BadChunk)]
    [DataRow("REQUEST 3 f -", TrackerRequestError.BadChunk)]
    [DataRow("REQUEST 4 f 1", TrackerRequestError.MissingAddress)]
    [DataRow("REQUEST 4 f 1 host", TrackerRequestError.BadAddress)]
    [DataRow("REQUEST 4 f 1 1.2.3", TrackerRequestError.BadAddress)]
    [DataRow("REQUEST 4 f 1 1.2.3.256", TrackerRequestError.BadAddress)]
    [DataRow("REQUEST 4 f 1 1.2.3.4 0", TrackerRequestError.BadAddress)]
    [DataRow("REQUEST 4 f 1 1.2.3.4 65536", TrackerRequestError.BadAddress)]
    [DataRow("REQUEST 4 f 1 1.2.3.4:80 81", TrackerRequestError.BadAddress)]
    [DataRow("REQUEST 4 f 1 1.2.3.4 80 81", TrackerRequestError.TooManyFields)]
    [DataRow("REQUEST 5", TrackerRequestError.MissingAddress)]
    [DataRow("REQUEST 5 -", TrackerRequestError.BadAddress)]
    [DataRow("REQUEST 4 1.2.3.4 80 f 0|", TrackerRequestError.BadChunk)]
    [DataRow("REQUEST 4 1.2.3.4 80 f|", TrackerRequestError.MissingChunk)]
    [DataRow("REQUEST 4 1.2.3 80 f 1|", TrackerRequestError.BadAddress)]
    [DataRow("REQUEST 4 1.2.3.4 80 f%00 1|", TrackerRequestError.BadName)]
    [DataRow("REQUEST 1 f id=", TrackerRequestError.BadExtension)]
    [DataRow("REQUEST 1 f id=12345678901234567", TrackerRequestError.BadExtension)]
    [DataRow("REQUEST 1 f id=1 id=2", TrackerRequestError.BadExtension)]
    [DataRow("REQUEST 1 f id=ü", TrackerRequestError.BadExtension)]
    [DataRow("REQUEST 1 f cookie=123", TrackerRequestError.BadExtension)]
    [DataRow("REQUEST 1 f chunks=0", TrackerRequestError.BadExtension)]
    [DataRow("REQUEST 1 f chunks=3-1", TrackerRequestError.BadExtension)]
    [DataRow("REQUEST 1 f chunks=1,", TrackerRequestError.BadExtension)]
    [DataRow("REQUEST 1 f size=-1", TrackerRequestError.BadExtension)]
    [DataRow("REQUEST 1 f size=", TrackerRequestError.BadExtension)]
    [DataRow("REQUEST 1 f kind=pipe", TrackerRequestError.BadExtension)]
    [DataRow("REQUEST 1 f lease=0", TrackerRequestError.BadExtension)]
    [DataRow("REQUEST 1 f cand=1.2.3.4", TrackerRequestError.BadExtension)]
    [DataRow("REQUEST 1 f peer=aa", TrackerRequestError.BadExtension)]
    [DataRow("REFRESH id=1", TrackerRequestError.MissingExtension)]
    [DataRow("RENDEZVOUS id=1 " + Peer, TrackerRequestError.MissingExtension)]
    [DataRow("RESPONSE OK", TrackerRequestError.IsReply)]
    [DataRow("ERROR 400", TrackerRequestError.IsReply)]
    [DataRow("CHALLENGE", TrackerRequestError.IsReply)]
    public void TryParse_Malformed_TellsWhat(string text, TrackerRequestError expected) =>
        Assert.AreEqual(expected, TrackerRequestParser.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [TestMethod]
    public void TryParse_ListForm_GivesEveryElement()
    {
        Assert.AreEqual(TrackerRequestError.None, TrackerRequestParser.TryParse("REQUEST 4 203.0.113.5 7000 my file 1|g 2| id=9"u8, out TrackerRequest request));
        var reader = new TrackerChunkListReader(request.Entries);
        var read = new List<(string, int)>();
        while (reader.TryRead(out ReadOnlySpan<byte> name, out int chunk)) read.Add((Encoding.UTF8.GetString(name), chunk));
        CollectionAssert.AreEqual(new[] { ("my file", 0), ("g", 1) }, read);
        Assert.AreEqual("203.0.113.5:7000", request.Address.ToString());
        Assert.IsTrue(request.Extensions.Id.SequenceEqual("9"u8));
    }

    [TestMethod]
    public void TryParse_Extensions_GivesValues()
    {
        string text = $"REQUEST 4 f - - id=a.B cookie=00ff00ff00ff00ff chunks=1-5,9 page=1-2-3 size=123 chunk=2048 root={new string('1', 64)} kind=directory"
            + $" {Peer} lease=60 unlisted=1 cand=10.0.0.1:1,[2001:db8::1]:2 address=1.2.3.4:5 name=x%20y future=thing";
        Assert.AreEqual(TrackerRequestError.None, TrackerRequestParser.TryParse(Encoding.UTF8.GetBytes(text), out TrackerRequest request));
        ref readonly TrackerExtensions read = ref request.Extensions;
        Assert.IsTrue(read.Id.SequenceEqual("a.B"u8));
        Assert.AreEqual(0x00ff00ff00ff00ffUL, read.Cookie);
        Assert.IsTrue(read.Chunks.SequenceEqual("1-5,9"u8));
        Assert.IsTrue(read.Page.SequenceEqual("1-2-3"u8));
        Assert.AreEqual(123L, read.Size);
        Assert.AreEqual(2048, read.ChunkSize);
        Assert.AreEqual(new string('1', 64), read.Root.ToString());
        Assert.AreEqual(ShareKind.Directory, read.Kind);
        Assert.AreEqual(Peer, $"peer={read.Peer}");
        Assert.AreEqual(60, read.LeaseSeconds);
        Assert.IsTrue(read.Unlisted);
        Assert.AreEqual("1.2.3.4:5", read.Address.ToString());
        Assert.IsTrue(read.Name.SequenceEqual("x%20y"u8));
        Assert.IsTrue(read.DescribesContent);
        var candidates = new TrackerCandidateReader(read.Candidates);
        Assert.IsTrue(candidates.TryRead(out TransportAddress first));
        Assert.IsTrue(candidates.TryRead(out TransportAddress second));
        Assert.AreEqual("10.0.0.1:1 [2001:db8::1]:2", $"{first} {second}");
    }

    [TestMethod]
    public void TryParse_UnknownExtensionsAlone_IsNoExtendedRequest()
    {
        Assert.AreEqual(TrackerRequestError.None, TrackerRequestParser.TryParse("REQUEST 1 f color=blue"u8, out TrackerRequest request));
        Assert.IsFalse(request.Extensions.Any);
    }

    [TestMethod]
    public void TryParse_IPv4Requests_DoNotAllocate()
    {
        byte[][] requests = [.. TrackerMessages.Requests.Where(text => !text.Contains("::", StringComparison.Ordinal)).Select(Encoding.UTF8.GetBytes)];
        ParseAll(requests);
        long before = GC.GetAllocatedBytesForCurrentThread();
        ParseAll(requests);
        Assert.AreEqual(0L, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void ParseAll(byte[][] requests)
    {
        for (int i = 0; i < 100; i++)
        {
            foreach (byte[] request in requests) TrackerRequestParser.TryParse(request, out _);
        }
    }
}
