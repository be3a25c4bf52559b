using CS3103P2P.Peer.Connectivity;

namespace CS3103P2P.Peer.Tests;

[TestClass]
public sealed class ChunkBufferPoolTests
{
    private const int BufferBytes = 64 * 1024;

    [TestMethod]
    public void Rent_FirstBuffersAndMore_AreDistinctAlignedAndReused()
    {
        var pool = new ChunkBufferPool(BufferBytes, 100 * BufferBytes, firstBuffers: 3);
        var rented = new List<Memory<byte>>();
        for (int i = 0; i < 5; i++)
        {
            Memory<byte> buffer = pool.Rent(BufferBytes);
            Assert.IsTrue(AlignedMemory.IsAligned(buffer.Span), $"Buffer {i} does not begin at a page.");
            buffer.Span.Fill((byte)i);
            rented.Add(buffer);
        }

        for (int i = 0; i < 5; i++) Assert.IsFalse(rented[i].Span.ContainsAnyExcept((byte)i), $"Buffer {i} overlaps another.");
        foreach (Memory<byte> buffer in rented) pool.Return(buffer);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 5; i++) pool.Rent(BufferBytes);
        Assert.IsLessThan(BufferBytes, GC.GetAllocatedBytesForCurrentThread() - before, "What was given back was not given out again.");
    }

    [TestMethod]
    public void Return_MoreThanMayBeSpare_Forgets()
    {
        var pool = new ChunkBufferPool(BufferBytes, BufferBytes, firstBuffers: 0);
        Memory<byte> first = pool.Rent(BufferBytes), second = pool.Rent(BufferBytes);
        pool.Return(first);
        pool.Return(second);
        Assert.IsTrue(pool.Rent(BufferBytes).Equals(first), "The one buffer that may be kept was not.");
        Assert.IsFalse(pool.Rent(BufferBytes).Equals(second), "More was kept than may be.");
    }
}
