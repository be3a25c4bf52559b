using System.Numerics;

namespace CS3103P2P.Protocol;

/// <summary>
/// The shape of the Merkle tree of one file (BEP 52, "file tree"). Leaves are blocks of 16 KiB, or whole chunks where these are smaller; the tree
/// has the smallest power of two of leaves that holds the file, and absent leaves are all zero.
/// <code>
///                    root
///              _______|_______
///           group            group        512 chunks each; only one when the file has at most 512
///          ___|___          ___|___
///        chunk  chunk     chunk   pad     pad = subtree of zero leaves
///        _|_     _|_
///      leaf leaf                          SHA-256 of the block
/// </code>
/// A file of one chunk has the chunk's hash as root, and its subtree is only as tall as its blocks need.
/// </summary>
public readonly record struct MerkleLayout
{
    /// <summary>Block of BEP 52, in bytes.</summary>
    public const int BlockSize = 16 * 1024;

    /// <summary>Chunk hashes in a group; the last group may have fewer.</summary>
    public const int ChunksPerGroup = 512;

    private const int GroupLevels = 9;

    /// <summary>Makes the layout of a file.</summary>
    /// <param name="fileBytes">Length of the file.</param>
    /// <param name="chunkSize">A valid chunk size; see <see cref="Protocol.ChunkSize"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is out of range.</exception>
    public MerkleLayout(long fileBytes, int chunkSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(fileBytes);
        if (!Protocol.ChunkSize.IsValid(chunkSize)) throw new ArgumentOutOfRangeException(nameof(chunkSize));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(fileBytes, (long)ChunkRange.MaxChunks * chunkSize);
        FileBytes = fileBytes;
        ChunkSize = chunkSize;
    }

    /// <summary>Length of the file in bytes.</summary>
    public long FileBytes { get; }

    /// <summary>Length of a chunk in bytes.</summary>
    public int ChunkSize { get; }

    /// <summary>Bytes under one leaf.</summary>
    public int LeafBytes => Math.Min(BlockSize, ChunkSize);

    /// <summary>Number of chunks; 0 for a file of no bytes.</summary>
    public int ChunkCount => (int)((FileBytes + ChunkSize - 1) / ChunkSize);

    /// <summary>Number of hash groups; 0 for a file of no bytes.</summary>
    public int GroupCount => (int)(((long)ChunkCount + ChunksPerGroup - 1) / ChunksPerGroup);

    /// <summary>Height of a chunk's subtree: a single chunk is padded to its own size, others to the full chunk.</summary>
    internal int ChunkLevel =>
        LevelsOver(ChunkCount == 1 ? (FileBytes + LeafBytes - 1) / LeafBytes : ChunkSize / LeafBytes);

    /// <summary>Height of a group's subtree above the leaves.</summary>
    internal int GroupLevel => ChunkLevel + (GroupCount > 1 ? GroupLevels : LevelsOver(ChunkCount));

    /// <summary>Height of the root above the leaves.</summary>
    internal int RootLevel => GroupLevel + LevelsOver(GroupCount);

    /// <summary>Length of a chunk in bytes; only the last may be shorter than <see cref="ChunkSize"/>.</summary>
    public int ChunkLength(int chunk)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(chunk);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(chunk, ChunkCount);
        return (int)Math.Min(ChunkSize, FileBytes - ((long)chunk * ChunkSize));
    }

    /// <summary>The chunks whose hashes make up a group.</summary>
    public ChunkRange GroupChunks(int group)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(group);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(group, GroupCount);
        int first = group * ChunksPerGroup;
        return new ChunkRange(first, Math.Min(ChunksPerGroup, ChunkCount - first));
    }

    private static int LevelsOver(long nodes) => nodes <= 1 ? 0 : BitOperations.Log2((ulong)nodes - 1) + 1;
}
