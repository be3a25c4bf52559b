namespace CS3103P2P.Protocol;

/// <summary>Hashes of a file's Merkle tree (BEP 52); see <see cref="MerkleLayout"/> for its shape. Nothing here allocates.</summary>
public static class MerkleTree
{
    private const int MaxLevels = 64;
    private static readonly Sha256Digest[] Padding = MakePadding();

    /// <summary>The root of a file of no bytes, for which BEP 52 has none: all zero.</summary>
    public static Sha256Digest EmptyRoot => default;

    /// <summary>The hash of one chunk: the root of the subtree over its blocks.</summary>
    /// <param name="layout">The file's tree.</param>
    /// <param name="data">The whole chunk.</param>
    public static Sha256Digest HashChunk(in MerkleLayout layout, ReadOnlySpan<byte> data) =>
        OverData(data, layout.LeafBytes, layout.ChunkLevel);

    /// <summary>The root of a group, from the hashes of its chunks.</summary>
    public static Sha256Digest GroupRoot(in MerkleLayout layout, ReadOnlySpan<Sha256Digest> chunkHashes) =>
        OverNodes(chunkHashes, layout.GroupLevel, layout.ChunkLevel);

    /// <summary>The root of the file, from the roots of all its groups.</summary>
    /// <exception cref="ArgumentException">The number of roots is not that of the groups.</exception>
    public static Sha256Digest RootOfGroups(in MerkleLayout layout, ReadOnlySpan<Sha256Digest> groupRoots)
    {
        if (groupRoots.Length != layout.GroupCount) throw new ArgumentException("There must be one root a group.", nameof(groupRoots));
        return layout.ChunkCount == 0 ? EmptyRoot : OverNodes(groupRoots, layout.RootLevel, layout.GroupLevel);
    }

    /// <summary>The root of the file, from the hashes of all its chunks.</summary>
    /// <exception cref="ArgumentException">The number of hashes is not that of the chunks.</exception>
    public static Sha256Digest RootOfChunks(in MerkleLayout layout, ReadOnlySpan<Sha256Digest> chunkHashes)
    {
        if (chunkHashes.Length != layout.ChunkCount) throw new ArgumentException("There must be one hash a chunk.", nameof(chunkHashes));
        return layout.ChunkCount == 0 ? EmptyRoot : OverNodes(chunkHashes, layout.RootLevel, layout.ChunkLevel);
    }

    private static Sha256Digest OverData(ReadOnlySpan<byte> data, int leafBytes, int level)
    {
        if (data.IsEmpty) return Padding[level];
        if (level == 0) return Sha256Digest.Of(data);
        int half = (int)Math.Min(data.Length, (long)leafBytes << (level - 1));
        return Sha256Digest.OfPair(OverData(data[..half], leafBytes, level - 1), OverData(data[half..], leafBytes, level - 1));
    }

    private static Sha256Digest OverNodes(ReadOnlySpan<Sha256Digest> nodes, int level, int nodeLevel)
    {
        if (nodes.IsEmpty) return Padding[level];
        if (level == nodeLevel) return nodes[0];
        int half = (int)Math.Min(nodes.Length, 1L << (level - 1 - nodeLevel));
        return Sha256Digest.OfPair(OverNodes(nodes[..half], level - 1, nodeLevel), OverNodes(nodes[half..], level - 1, nodeLevel));
    }

    // Padding[n] is the root of a subtree of height n whose leaves are all zero.
    private static Sha256Digest[] MakePadding()
    {
        var padding = new Sha256Digest[MaxLevels];
        for (int level = 1; level < MaxLevels; level++) padding[level] = Sha256Digest.OfPair(padding[level - 1], padding[level - 1]);
        return padding;
    }
}
