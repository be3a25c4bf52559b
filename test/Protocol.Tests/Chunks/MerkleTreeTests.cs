namespace CS3103P2P.Protocol.Tests;

[TestClass]
public sealed class MerkleTreeTests
{
    private const int Block = MerkleLayout.BlockSize;

    [TestMethod]
    public void RootOfChunks_NoBytes_IsZero()
    {
        var layout = new MerkleLayout(0, Block);
        Assert.AreEqual(0, layout.GroupCount);
        Assert.IsTrue(MerkleTree.RootOfChunks(layout, []).IsZero);
        Assert.IsTrue(MerkleTree.RootOfGroups(layout, []).IsZero);
    }

    [TestMethod]
    [DataRow(1, ChunkSize.MinDefault)]
    [DataRow(Block, ChunkSize.MinDefault)]
    [DataRow(Block, ChunkSize.MaxDefault)]
    [DataRow(2047, 2048)]
    [DataRow(2048, 2048)]
    public void RootOfChunks_OneLeaf_IsItsHash(int length, int chunkSize)
    {
        byte[] data = MakeData(length);
        Assert.AreEqual(Sha256Digest.Of(data), Root(data, chunkSize));
    }

    [TestMethod]
    public void RootOfChunks_ThreeLeaves_PadsWithZeroLeaf()
    {
        byte[] data = MakeData((2 * Block) + 5);
        Sha256Digest expected = Sha256Digest.OfPair(
            Sha256Digest.OfPair(Sha256Digest.Of(data.AsSpan(0, Block)), Sha256Digest.Of(data.AsSpan(Block, Block))),
            Sha256Digest.OfPair(Sha256Digest.Of(data.AsSpan(2 * Block)), default));
        foreach (int chunkSize in new[] { Block, 2 * Block, 4 * Block, 1 << 20 }) Assert.AreEqual(expected, Root(data, chunkSize), $"chunk {chunkSize}");
    }

    [TestMethod]
    public void RootOfChunks_AnyChunkSizeOfABlockOrMore_IsTheSame()
    {
        for (int seed = 0; seed < 30; seed++)
        {
            byte[] data = MakeData(new Random(seed).Next(1, 40 * Block));
            Sha256Digest root = NaiveRoot(data, Block);
            for (int chunkSize = Block; chunkSize <= 64 * Block; chunkSize *= 2) Assert.AreEqual(root, Root(data, chunkSize), $"seed {seed}");
            for (int chunkSize = 2048; chunkSize < Block; chunkSize *= 2) Assert.AreEqual(NaiveRoot(data, chunkSize), Root(data, chunkSize), $"seed {seed}");
        }
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(511)]
    [DataRow(512)]
    [DataRow(513)]
    [DataRow(1024)]
    [DataRow(1025)]
    [DataRow(5000)]
    public void RootOfGroups_AnyChunkCount_AgreesWithRootOfChunks(int chunks)
    {
        foreach (int chunkSize in new[] { 2048, 4 * Block })
        {
            var layout = new MerkleLayout(((long)chunks * chunkSize) - 7, chunkSize);
            Assert.AreEqual(chunks, layout.ChunkCount);
            var hashes = new Sha256Digest[chunks];
            for (int i = 0; i < chunks; i++) hashes[i] = Sha256Digest.Of(BitConverter.GetBytes(i));
            var groups = new Sha256Digest[layout.GroupCount];
            for (int i = 0; i < groups.Length; i++)
            {
                ChunkRange range = layout.GroupChunks(i);
                groups[i] = MerkleTree.GroupRoot(layout, hashes.AsSpan(range.First, range.Count));
            }

            Sha256Digest root = MerkleTree.RootOfChunks(layout, hashes);
            Assert.AreEqual(root, MerkleTree.RootOfGroups(layout, groups));
            hashes[chunks / 2] = default;
            Assert.AreNotEqual(root, MerkleTree.RootOfChunks(layout, hashes));
        }
    }

    [TestMethod]
    public void Layout_LargestFile_HasAllItsChunks()
    {
        var layout = new MerkleLayout((long)ChunkRange.MaxChunks * ChunkSize.Max, ChunkSize.Max);
        Assert.AreEqual(ChunkRange.MaxChunks, layout.ChunkCount);
        Assert.AreEqual(1 << 22, layout.GroupCount);
        Assert.AreEqual(511, layout.GroupChunks(layout.GroupCount - 1).Count);
        Assert.AreEqual(ChunkSize.Max, layout.ChunkLength(ChunkRange.MaxChunks - 1));
    }

    private static Sha256Digest Root(byte[] data, int chunkSize)
    {
        var layout = new MerkleLayout(data.Length, chunkSize);
        var hashes = new Sha256Digest[layout.ChunkCount];
        for (int i = 0; i < hashes.Length; i++) hashes[i] = MerkleTree.HashChunk(layout, data.AsSpan(i * chunkSize, layout.ChunkLength(i)));
        return MerkleTree.RootOfChunks(layout, hashes);
    }

    // The definition of BEP 52, word by word: all leaves, zero leaves up to a power of two, then pairs.
    private static Sha256Digest NaiveRoot(byte[] data, int leafSize)
    {
        var level = new List<Sha256Digest>();
        foreach (byte[] leaf in data.Chunk(leafSize)) level.Add(Sha256Digest.Of(leaf));
        while (!System.Numerics.BitOperations.IsPow2(level.Count)) level.Add(default);
        while (level.Count > 1) level = [.. level.Chunk(2).Select(pair => Sha256Digest.OfPair(pair[0], pair[1]))];
        return level[0];
    }

    private static byte[] MakeData(int length)
    {
        byte[] data = new byte[length];
        new Random(length).NextBytes(data);
        return data;
    }
}
