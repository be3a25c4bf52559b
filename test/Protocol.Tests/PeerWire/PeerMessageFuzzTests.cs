using System.Buffers;

namespace CS3103P2P.Protocol.Tests;

[TestClass]
public sealed class PeerMessageFuzzTests
{
    [TestMethod]
    public void TryRead_WholeMessages_AreRead()
    {
        foreach (var (name, bytes, read) in PeerMessageSamples.All(new Random(1))) Assert.IsTrue(read(bytes), name);
    }

    [TestMethod]
    public void TryRead_EveryTruncation_NeverThrows()
    {
        foreach (var (name, bytes, read) in PeerMessageSamples.All(new Random(2)))
        {
            int refused = 0;
            for (int cut = 0; cut < bytes.Length; cut++)
            {
                if (!read(bytes.AsSpan(0, cut))) refused++;
            }

            Assert.IsGreaterThan(0, refused, name);
        }
    }

    [TestMethod]
    public void TryRead_Mutations_NeverThrowAndGiveOnlyWhatCanBe()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        try
        {
            for (int round = 0; round < 400; round++)
            {
                foreach (var (_, bytes, read) in PeerMessageSamples.All(random))
                {
                    for (int flips = random.Next(1, 6); flips > 0; flips--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                    _ = read(bytes.AsSpan(0, random.Next(4) == 0 ? random.Next(bytes.Length + 1) : bytes.Length));
                }
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new AssertFailedException($"seed {seed}", e);
        }
    }

    [TestMethod]
    public void FrameHeader_Mutations_NeverClaimMoreThanTheyHold()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        byte[] buffer = new byte[PeerFrameHeader.MaxHeaderBytes];
        for (int round = 0; round < 20_000; round++)
        {
            int length = new PeerFrameHeader((PeerMessageType)random.Next(1, 40), (ulong)random.NextInt64(), (uint)random.Next(), random.Next(100)).Write(buffer);
            buffer[random.Next(length)] = (byte)random.Next(256);
            OperationStatus status = PeerFrameHeader.TryRead(buffer.AsSpan(0, length), out PeerFrameHeader header, out int consumed);
            if (status != OperationStatus.Done) continue;
            Assert.IsLessThanOrEqualTo(length, consumed, $"seed {seed}");
            Assert.IsLessThanOrEqualTo(PeerFrameHeader.MaxMessageBytes, header.MessageLength, $"seed {seed}");
        }
    }

    [TestMethod]
    public void Write_EveryShortDestination_GivesZero()
    {
        byte[] root = new byte[32];
        var info = new FileInfoMessage { Root = new Sha256Digest(root), Name = "a"u8, SizeBytes = 5, ChunkSize = 2048 };
        int whole = info.Write(new byte[256]);
        for (int room = 0; room < whole; room++) Assert.AreEqual(0, info.Write(new byte[room]), $"room for {room}");
        Assert.AreEqual(whole, info.Write(new byte[whole]));
    }

    [TestMethod]
    public void Codec_ReadingAndWriting_AllocatesNothing()
    {
        byte[] buffer = new byte[WantMessage.MaxBytes];
        BlockRequest[] blocks = PeerMessageSamples.Blocks(new Random(3), WantMessage.MaxBlocks);
        int sum = 0;
        for (int round = 0; round < 2; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1000; i++)
            {
                int length = WantMessage.Write(buffer, blocks);
                if (!WantMessage.TryRead(buffer.AsSpan(0, length), out WantMessage want)) throw new AssertFailedException();
                foreach (BlockRequest block in want) sum ^= block.Chunk;
                length = new FileDataHeader(i, 100).Write(buffer);
                _ = FileDataHeader.TryRead(buffer.AsSpan(0, length), length + 100, out FileDataHeader header, out _);
                sum += header.DataLength;
            }

            if (round == 1) Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before, $"sum {sum}");
        }
    }
}
