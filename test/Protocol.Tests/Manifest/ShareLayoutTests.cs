namespace CS3103P2P.Protocol.Tests;

[TestClass]
public sealed class ShareLayoutTests
{
    private const int Chunk = 2048;

    [TestMethod]
    public void Locate_EveryChunk_IsInOrderAndCoversEveryFile()
    {
        for (int seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            long[] lengths = [.. Enumerable.Range(0, random.Next(1, 20)).Select(_ => random.Next(3) == 0 ? 0L : random.Next(1, 700 * Chunk))];
            ShareLayout layout = Make(lengths);
            var read = new long[lengths.Length];
            for (int chunk = 0; chunk < layout.ChunkCount; chunk++)
            {
                ChunkPlace place = layout.Locate(chunk);
                Assert.AreEqual(read[place.File], place.Offset, $"seed {seed} chunk {chunk}");
                read[place.File] += place.Length;
                GroupPlace group = layout.LocateGroup(layout.GroupOf(chunk));
                Assert.AreEqual(place.File, group.File, $"seed {seed} chunk {chunk}");
                Assert.IsTrue(group.Chunks.Contains(chunk), $"seed {seed} chunk {chunk}");
                Assert.AreEqual(place.ChunkInFile / MerkleLayout.ChunksPerGroup, group.GroupInFile, $"seed {seed} chunk {chunk}");
            }

            CollectionAssert.AreEqual(lengths, read, $"seed {seed}");
            Assert.AreEqual(layout.ChunkCount, (int)((layout.SizeBytes + Chunk - 1) / Chunk), $"seed {seed}");
        }
    }

    [TestMethod]
    public void SizeBytes_GapsBetweenFiles_CountButNotAfterTheLast()
    {
        Assert.AreEqual(Chunk + 5, Make([1, 0, 5, 0]).SizeBytes);
        Assert.AreEqual(0, Make([]).SizeBytes);
        Assert.AreEqual(0, Make([0, 0]).SizeBytes);
    }

    [TestMethod]
    public void TryCreate_TooManyChunks_IsRefused()
    {
        const long all = (long)Chunk * ChunkRange.MaxChunks;
        Assert.IsNotNull(ShareLayout.TryCreate(Chunk, [new ManifestFile("a", all, default)]));
        Assert.IsNull(ShareLayout.TryCreate(Chunk, [new ManifestFile("a", all, default), new ManifestFile("b", 1, default)]));
        Assert.IsNull(ShareLayout.TryCreate(Chunk, [new ManifestFile("a", long.MaxValue, default)]));
        Assert.IsNull(ShareLayout.TryCreate(Chunk, [new ManifestFile("a", -1, default)]));
    }

    [TestMethod]
    public void OfFile_Descriptor_HasItsChunks()
    {
        var descriptor = new ShareDescriptor("f", ShareKind.File, (3 * Chunk) + 1, Chunk, Sha256Digest.Of("x"u8));
        ShareLayout layout = ShareLayout.OfFile(descriptor);
        Assert.AreEqual(4, layout.ChunkCount);
        Assert.AreEqual(new ChunkPlace(0, 3, 3 * Chunk, 1), layout.Locate(3));
        Assert.AreEqual(descriptor.Root, layout.FileRoot(0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => layout.Locate(4));
    }

    private static ShareLayout Make(long[] lengths) =>
        ShareLayout.TryCreate(Chunk, [.. lengths.Select((length, i) => new ManifestFile($"{i:d3}", length, default))])!;
}
