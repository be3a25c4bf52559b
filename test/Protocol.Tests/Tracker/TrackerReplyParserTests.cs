using System.Text;

namespace CS3103P2P.Protocol.Tests.Tracker;

[TestClass]
public sealed class TrackerReplyParserTests
{
    [TestMethod]
    public void TryRead_LiteralEntries_GivesEach()
    {
        Assert.IsTrue(TrackerReplyParser.TryParse("RESPONSE test.txt 1 203.0.113.5 6881|test.txt 2 2001:db8::1 7000|\0"u8, out TrackerReply reply));
        Assert.AreEqual("test.txt 1 203.0.113.5:6881, test.txt 2 [2001:db8::1]:7000", Entries(reply.Body));
    }

    [TestMethod]
    public void TryRead_ExtendedEntries_GivesRunsPeersAndDescription()
    {
        string peer = new('b', 64);
        string text = $"RESPONSE a%3Db 1-9,12 1.2.3.4 5 peer={peer} cand=10.0.0.1:6|a%3Db - 1.2.3.5 5| size=4096 chunk=2048 root={peer} kind=file peers=2 id=q next=1-2-3";
        Assert.IsTrue(TrackerReplyParser.TryParse(Encoding.UTF8.GetBytes(text), out TrackerReply reply));
        Assert.AreEqual("a%3Db 1-9,12 1.2.3.4:5, a%3Db  1.2.3.5:5", Entries(reply.Body));
        var reader = new TrackerEntryReader(reply.Body);
        Assert.IsTrue(reader.TryRead(out TrackerEntry first));
        Assert.AreEqual(peer, first.Peer.ToString());
        Assert.IsTrue(first.Candidates.SequenceEqual("10.0.0.1:6"u8));
        Assert.IsTrue(reply.Extensions.DescribesContent);
        Assert.AreEqual(2, reply.Extensions.Peers);
        Assert.IsTrue(reply.Extensions.Next.SequenceEqual("1-2-3"u8));
    }

    [TestMethod]
    [DataRow("RESPONSE ", "", 0)]
    [DataRow("RESPONSE OK id=1", "OK", 1)]
    [DataRow("RESPONSE Not Found id=1 cookie=0000000000000001", "Not Found", 1)]
    [DataRow("RESPONSE a.txt, b.txt", "a.txt, b.txt", 0)]
    [DataRow("RESPONSE peers=0 id=1", "", 1)]
    public void TryParse_Response_CutsExtensionsOff(string text, string body, int idLength)
    {
        Assert.IsTrue(TrackerReplyParser.TryParse(Encoding.UTF8.GetBytes(text), out TrackerReply reply));
        Assert.AreEqual(TrackerReplyKind.Response, reply.Kind);
        Assert.AreEqual(body, Encoding.UTF8.GetString(reply.Body));
        Assert.AreEqual(idLength, reply.Extensions.Id.Length);
    }

    [TestMethod]
    public void TryParse_Error_GivesCodeReasonAndId()
    {
        Assert.IsTrue(TrackerReplyParser.TryParse("ERROR 404 no such peer id=7"u8, out TrackerReply reply));
        Assert.AreEqual(TrackerErrorCode.NotFound, reply.ErrorCode);
        Assert.AreEqual("no such peer", Encoding.UTF8.GetString(reply.Body));
        Assert.IsTrue(reply.Extensions.Id.SequenceEqual("7"u8));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("REQUEST 1 f")]
    [DataRow("ERROR")]
    [DataRow("ERROR x")]
    [DataRow("ERROR 99")]
    [DataRow("ERROR 400x")]
    [DataRow("CHALLENGE id=1")]
    [DataRow("CHALLENGE please cookie=0000000000000001")]
    [DataRow("RENDEZVOUS offer=aGVsbG8")]
    [DataRow("RESPONSE OK id=1 id=1")]
    [DataRow("RESPONSE OK lease=x")]
    public void TryParse_Malformed_IsRefused(string text) => Assert.IsFalse(TrackerReplyParser.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [TestMethod]
    [DataRow("f 1 1.2.3.4|")]
    [DataRow("f 0 1.2.3.4 5|")]
    [DataRow("f 1 1.2.3.4 0|")]
    [DataRow("f 1 1.2.3.4 5 more|")]
    [DataRow("f 1 1.2.3.4:5 5|")]
    public void TryRead_MalformedEntry_EndsBeforeTheEnd(string body)
    {
        var reader = new TrackerEntryReader(Encoding.UTF8.GetBytes(body));
        Assert.IsFalse(reader.TryRead(out _));
        Assert.IsFalse(reader.IsAtEnd);
    }

    [TestMethod]
    public void TryRead_NameList_PassesOverEmptyElements()
    {
        var reader = new TrackerNameListReader("a.txt, , b%2Cc ,"u8);
        var names = new List<string>();
        while (reader.TryRead(out ReadOnlySpan<byte> name)) names.Add(Encoding.UTF8.GetString(name));
        CollectionAssert.AreEqual(new[] { "a.txt", "b%2Cc" }, names);
    }

    private static string Entries(ReadOnlySpan<byte> body)
    {
        var reader = new TrackerEntryReader(body);
        var read = new List<string>();
        while (reader.TryRead(out TrackerEntry entry)) read.Add($"{Encoding.UTF8.GetString(entry.Name)} {Encoding.UTF8.GetString(entry.Chunks)} {entry.Address}");
        Assert.IsTrue(reader.IsAtEnd);
        return string.Join(", ", read);
    }
}
