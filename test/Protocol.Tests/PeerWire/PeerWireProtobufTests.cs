using System.Buffers;
using CS3103P2P.Protocol.Tests.Generated;
using Google.Protobuf;
using FileInfo = CS3103P2P.Protocol.Tests.Generated.FileInfo;

namespace CS3103P2P.Protocol.Tests;

/// <summary>Checks the hand-written codec against classes generated from docs/peer-wire.proto, both ways.</summary>
[TestClass]
public sealed class PeerWireProtobufTests
{
    private const int Rounds = 200;

    [TestMethod]
    public void FrameHeader_AgainstProtobuf_AgreesBothWays() => Repeat(random =>
    {
        var ours = new PeerFrameHeader((PeerMessageType)random.Next(16, 24), (ulong)random.NextInt64(), (uint)random.Next(), random.Next(1000));
        byte[] buffer = new byte[PeerFrameHeader.MaxHeaderBytes];
        int length = ours.Write(buffer);
        using var stream = new MemoryStream(buffer, 0, length);
        MessageType theirs = MessageType.Parser.ParseDelimitedFrom(stream);
        Assert.AreEqual((int)ours.Type, (int)theirs.Message);
        Assert.AreEqual(ours.TimestampSeconds, theirs.TimeStamp);
        Assert.AreEqual(ours.Channel, theirs.Channel);

        var back = new MemoryStream();
        theirs.WriteDelimitedTo(back);
        back.WriteByte(7);
        Assert.AreEqual(OperationStatus.Done, PeerFrameHeader.TryRead(back.ToArray(), out PeerFrameHeader read, out _));
        Assert.AreEqual(ours with { MessageLength = 7 }, read);
    });

    [TestMethod]
    public void HostInfo_AgainstProtobuf_AgreesBothWays() => Repeat(random =>
    {
        string host = $"host{random.Next()}";
        var message = new HostInfo { Host = host, Port = (uint)random.Next(65536), IsServer = random.Next(2) == 0, TimeStamp = 5, Version = 1 };
        byte[] theirs = message.ToByteArray();
        Assert.IsTrue(HostInfoMessage.TryRead(theirs, out HostInfoMessage read));
        Assert.AreEqual(host, System.Text.Encoding.UTF8.GetString(read.Host));
        byte[] buffer = new byte[256];
        Assert.AreEqual(message, HostInfo.Parser.ParseFrom(buffer, 0, read.Write(buffer, 5)));
    });

    [TestMethod]
    public void FileInfo_AgainstProtobuf_AgreesBothWays() => Repeat(random =>
    {
        byte[] root = PeerMessageSamples.Bytes(random, 32);
        var message = new FileInfo
        {
            Filehash = Convert.ToHexStringLower(root), FileName = $"tệp {random.Next()}", FileSize = (ulong)random.NextInt64(),
            ChunkSize = (uint)random.Next(), IsDirectory = random.Next(2) == 0,
        };
        Assert.IsTrue(FileInfoMessage.TryRead(message.ToByteArray(), out FileInfoMessage read));
        Assert.AreEqual(new Sha256Digest(root), read.Root);
        Assert.AreEqual(message.FileSize, (ulong)read.SizeBytes);
        byte[] buffer = new byte[512];
        Assert.AreEqual(message, FileInfo.Parser.ParseFrom(buffer, 0, read.Write(buffer)));
    });

    [TestMethod]
    public void FileData_AgainstProtobuf_AgreesBothWays() => Repeat(random =>
    {
        byte[] data = PeerMessageSamples.Bytes(random, 1 + random.Next(2000));
        var message = new FileData { FileName = "", Offset = (ulong)random.NextInt64(), Data = ByteString.CopyFrom(data) };
        byte[] theirs = message.ToByteArray();
        Assert.AreEqual(OperationStatus.Done, FileDataHeader.TryRead(theirs, theirs.Length, out FileDataHeader read, out int consumed));
        CollectionAssert.AreEqual(data, theirs[consumed..]);
        byte[] ours = new byte[read.MessageLength];
        int at = read.Write(ours);
        data.CopyTo(ours, at);
        CollectionAssert.AreEqual(theirs, ours);
    });

    [TestMethod]
    public void CommonReply_AgainstProtobuf_AgreesBothWays() => Repeat(random =>
    {
        var message = new CommonReply { Status = (uint)random.Next(7), LocalPort = 0, Chunk = 1u + (uint)random.Next(), Text = "vì sao" };
        Assert.IsTrue(CommonReplyMessage.TryRead(message.ToByteArray(), out CommonReplyMessage read));
        Assert.AreEqual((int)message.Chunk - 1, read.Chunk);
        byte[] buffer = new byte[512];
        Assert.AreEqual(message, CommonReply.Parser.ParseFrom(buffer, 0, read.Write(buffer)));
    });

    [TestMethod]
    public void OpenShare_AgainstProtobuf_AgreesBothWays() => Repeat(random =>
    {
        var message = new OpenShare { Name = $"a b,c|d%{random.Next()}", Root = ByteString.CopyFrom(PeerMessageSamples.Bytes(random, 32)) };
        if (random.Next(2) == 0) message.Proof = ByteString.CopyFrom(PeerMessageSamples.Bytes(random, 32));
        Assert.IsTrue(OpenShareMessage.TryRead(message.ToByteArray(), out OpenShareMessage read));
        byte[] buffer = new byte[512];
        Assert.AreEqual(message, OpenShare.Parser.ParseFrom(buffer, 0, read.Write(buffer)));
    });

    [TestMethod]
    public void Have_AgainstProtobuf_AgreesBothWays() => Repeat(random =>
    {
        ChunkRange[] runs = PeerMessageSamples.Runs(random, random.Next(1, 50));
        byte[] buffer = new byte[HaveMessage.MaxBytes];
        Have theirs = Have.Parser.ParseFrom(buffer, 0, HaveMessage.WriteRuns(buffer, runs));
        CollectionAssert.AreEqual(runs.SelectMany(r => new[] { (uint)r.First, (uint)r.Count }).ToArray(), theirs.Runs.ToArray());

        theirs.BitmapFirst = 800;
        theirs.Bitmap = ByteString.CopyFrom(PeerMessageSamples.Bytes(random, random.Next(1, 40)));
        Assert.IsTrue(HaveMessage.TryRead(theirs.ToByteArray(), out HaveMessage read));
        var got = new List<ChunkRange>();
        foreach (ChunkRange run in read) got.Add(run);
        CollectionAssert.AreEqual(runs, got.Take(runs.Length).ToArray());
        var bits = got.Skip(runs.Length).SelectMany(r => Enumerable.Range(r.First - 800, r.Count)).ToHashSet();
        for (int i = 0; i < theirs.Bitmap.Length * 8; i++) Assert.AreEqual((theirs.Bitmap[i / 8] >> (i % 8) & 1) == 1, bits.Contains(i), $"bit {i}");

        Have bitmap = Have.Parser.ParseFrom(buffer, 0, HaveMessage.WriteBitmap(buffer, 800, theirs.Bitmap.Span));
        Assert.AreEqual(theirs.Bitmap, bitmap.Bitmap);
        Assert.AreEqual(800u, bitmap.BitmapFirst);
    });

    [TestMethod]
    public void Want_AgainstProtobuf_AgreesBothWays() => Repeat(random =>
    {
        BlockRequest[] blocks = PeerMessageSamples.Blocks(random, random.Next(1, 60));
        byte[] buffer = new byte[WantMessage.MaxBytes];
        int length = WantMessage.Write(buffer, blocks);
        Want theirs = Want.Parser.ParseFrom(buffer, 0, length);
        CollectionAssert.AreEqual(blocks.SelectMany(b => new[] { (uint)b.Chunk, (uint)b.Offset, (uint)b.Length }).ToArray(), theirs.Blocks.ToArray());
        CollectionAssert.AreEqual(buffer[..length], theirs.ToByteArray());
        Assert.IsTrue(WantMessage.TryRead(theirs.ToByteArray(), out WantMessage read));
        var got = new List<BlockRequest>();
        foreach (BlockRequest block in read) got.Add(block);
        CollectionAssert.AreEqual(blocks, got);
    });

    [TestMethod]
    public void Metadata_AgainstProtobuf_AgreesBothWays() => Repeat(random =>
    {
        int offset = random.Next(1 << 20);
        byte[] data = PeerMessageSamples.Bytes(random, 1 + random.Next(500));
        var message = new Metadata
        {
            Kind = (Metadata.Types.Kind)random.Next(1, 4), File = (uint)random.Next(), Group = (uint)random.Next(), Offset = (uint)offset,
            Total = (uint)(offset + data.Length + random.Next(100)), Data = ByteString.CopyFrom(data),
        };
        byte[] theirs = message.ToByteArray();
        Assert.IsTrue(MetadataMessage.TryRead(theirs, out MetadataMessage read));
        byte[] buffer = new byte[MetadataMessage.MaxBytes];
        CollectionAssert.AreEqual(theirs, buffer[..read.Write(buffer)]);
    });

    private static void Repeat(Action<Random> check)
    {
        int seed = Environment.TickCount;
        for (int round = 0; round < Rounds; round++)
        {
            try
            {
                check(new Random(seed + round));
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                throw new AssertFailedException($"seed {seed + round}: {e.Message}", e);
            }
        }
    }
}
