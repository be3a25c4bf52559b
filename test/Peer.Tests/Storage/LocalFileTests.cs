namespace CS3103P2P.Peer.Tests;

[TestClass]
public sealed class LocalFileTests
{
    private const int ChunkBytes = 256 * 1024;

    // On a disk and, where there is one, in memory: file systems differ in whether they take data directly.
    [TestMethod]
    [DataRow("/var/tmp", 0, ChunkBytes, 0)]
    [DataRow("/dev/shm", 0, ChunkBytes, 0)]
    [DataRow("/var/tmp", 1, ChunkBytes, 0)]
    [DataRow("/var/tmp", 0, ChunkBytes + 1, 0)]
    [DataRow("/var/tmp", 0, ChunkBytes, 100)]
    public void Write_AlignedOrNot_ReadsBackBesideOtherData(string folder, int place, int length, int offset)
    {
        string path = Path.Combine(Directory.Exists(folder) ? folder : Path.GetTempPath(), $"p2p-{Guid.NewGuid():N}");
        try
        {
            using (IDiskFile file = new LocalDisk().Open(path, DiskAccess.Write))
            {
                Memory<byte> memory = AlignedMemory.Allocate(ChunkBytes * 2);
                new Random(1).NextBytes(memory.Span);
                Assert.IsTrue(AlignedMemory.IsAligned(memory.Span), "The memory does not begin at a page.");
                ReadOnlySpan<byte> data = memory.Span.Slice(place, length);
                byte[] other = new byte[1000];
                Array.Fill(other, (byte)7);
                file.SetLength(4 * ChunkBytes);
                file.Write(other, offset + length);   // in the cache, next to what bypasses it
                file.Write(data, offset);
                file.Flush();

                byte[] back = new byte[length + other.Length];
                Assert.AreEqual(back.Length, file.Read(back, offset));
                Assert.IsTrue(data.SequenceEqual(back.AsSpan(0, length)), "The data came back changed.");
                Assert.IsTrue(other.AsSpan().SequenceEqual(back.AsSpan(length)), "What lies behind the data changed.");
            }

            Assert.AreEqual(4 * ChunkBytes, new FileInfo(path).Length);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
