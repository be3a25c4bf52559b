using System.Text;

namespace CS3103P2P.Protocol.Tests.Tracker;

[TestClass]
public sealed class TrackerFuzzTests
{
    private const int Rounds = 20_000;

    [TestMethod]
    public void TryParse_EveryTruncation_NeverThrows()
    {
        int valid = 0;
        foreach (string message in TrackerMessages.Requests.Concat(TrackerMessages.Replies))
        {
            byte[] bytes = Encoding.UTF8.GetBytes(message);
            for (int length = 0; length <= bytes.Length; length++) valid += Read(bytes.AsSpan(0, length));
        }

        Assert.IsGreaterThan(TrackerMessages.Requests.Count + TrackerMessages.Replies.Count - 1, valid);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void TryParse_Mutations_NeverThrowAndWhatPassesIsWellFormed(int seed)
    {
        var random = new Random(seed);
        byte[][] messages = [.. TrackerMessages.Requests.Concat(TrackerMessages.Replies).Select(Encoding.UTF8.GetBytes)];
        for (int round = 0; round < Rounds; round++)
        {
            byte[] mutant = TrackerMessages.Mutate(random, messages[random.Next(messages.Length)]);
            try
            {
                Read(mutant);
            }
            catch (Exception e) when (e is not AssertFailedException)
            {
                Assert.Fail($"Seed {seed}, round {round}, {Convert.ToHexString(mutant)}: {e}");
            }
        }
    }

    [TestMethod]
    public void TryParse_RandomBytes_NeverThrows()
    {
        const int Seed = 7;
        var random = new Random(Seed);
        byte[] bytes = new byte[300];
        for (int round = 0; round < Rounds; round++)
        {
            Span<byte> datagram = bytes.AsSpan(0, random.Next(bytes.Length));
            random.NextBytes(datagram);
            Read(datagram);
        }
    }

    // Reads a datagram in every way; returns how many parsers took it.
    private static int Read(ReadOnlySpan<byte> datagram)
    {
        int valid = 0;
        Span<byte> name = stackalloc byte[ShareName.MaxBytes];
        if (TrackerRequestParser.TryParse(datagram, out TrackerRequest request) == TrackerRequestError.None)
        {
            valid++;
            if (!request.Name.IsEmpty) Assert.IsTrue(TrackerName.TryDecode(request.Name, name, out _));
            Assert.IsGreaterThanOrEqualTo(-1, request.Chunk);
            var list = new TrackerChunkListReader(request.Entries);
            while (list.TryRead(out ReadOnlySpan<byte> element, out int chunk)) Assert.IsTrue(chunk >= 0 && TrackerName.TryDecode(element, name, out _));
            Assert.AreEqual(TrackerRequestError.None, list.Error);
            if (!request.Extensions.Chunks.IsEmpty) Assert.IsTrue(ChunkSet.TryParse(request.Extensions.Chunks, int.MaxValue, out _));
        }

        if (!TrackerReplyParser.TryParse(datagram, out TrackerReply reply)) return valid;
        var entries = new TrackerEntryReader(reply.Body);
        while (entries.TryRead(out TrackerEntry entry)) Assert.AreNotEqual(0, entry.Address.Port);
        var names = new TrackerNameListReader(reply.Body);
        while (names.TryRead(out ReadOnlySpan<byte> element)) Assert.IsFalse(element.IsEmpty);
        return valid + 1;
    }
}
