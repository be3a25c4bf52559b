namespace CS3103P2P.Protocol;

/// <summary>Where a chunk of a share lies.</summary>
/// <param name="File">Index of the file; 0 in a share of one file.</param>
/// <param name="ChunkInFile">Index of the chunk in that file.</param>
/// <param name="Offset">Where the chunk starts in the file, in bytes.</param>
/// <param name="Length">Length of the chunk in bytes.</param>
public readonly record struct ChunkPlace(int File, int ChunkInFile, long Offset, int Length);

/// <summary>What a hash group of a share covers.</summary>
/// <param name="File">Index of the file to which it belongs.</param>
/// <param name="GroupInFile">Index of the group in that file.</param>
/// <param name="Chunks">The chunks whose hashes it holds, numbered across the share.</param>
public readonly record struct GroupPlace(int File, int GroupInFile, ChunkRange Chunks);

/// <summary>
/// How the chunks of a share map to its files. Chunks are numbered across the files in the order of the manifest, each file starting on a new
/// chunk; hash groups are numbered across the files in the same way. Files of no bytes have neither. Immutable.
/// </summary>
public sealed class ShareLayout
{
    private readonly long[] _lengths;
    private readonly Sha256Digest[] _roots;
    private readonly int[] _firstChunk; // one more entry than files: the end
    private readonly int[] _firstGroup;

    private ShareLayout(int chunkSize, long[] lengths, Sha256Digest[] roots, int[] firstChunk, int[] firstGroup)
    {
        ChunkSize = chunkSize;
        (_lengths, _roots, _firstChunk, _firstGroup) = (lengths, roots, firstChunk, firstGroup);
        int last = lengths.AsSpan().LastIndexOfAnyExcept(0L);
        SizeBytes = last < 0 ? 0 : ((long)firstChunk[last] * chunkSize) + lengths[last];
    }

    /// <summary>Length of a chunk in bytes.</summary>
    public int ChunkSize { get; }

    /// <summary>Number of files, those of no bytes included.</summary>
    public int FileCount => _lengths.Length;

    /// <summary>Number of chunks.</summary>
    public int ChunkCount => _firstChunk[^1];

    /// <summary>Number of hash groups.</summary>
    public int GroupCount => _firstGroup[^1];

    /// <summary>Length of the content with the gaps between files; see <see cref="ShareDescriptor.SizeBytes"/>.</summary>
    public long SizeBytes { get; }

    /// <summary>The layout of a share of one file.</summary>
    /// <exception cref="ArgumentException">The descriptor is that of a directory, whose layout needs its manifest.</exception>
    public static ShareLayout OfFile(ShareDescriptor descriptor)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        if (descriptor.Kind != ShareKind.File) throw new ArgumentException("A directory's layout needs its manifest.", nameof(descriptor));
        return TryCreate(descriptor.ChunkSize, [new ManifestFile(descriptor.Name, descriptor.SizeBytes, descriptor.Root)])!;
    }

    /// <summary>The layout of files of these lengths, whose roots are not known yet; null when one is negative or there are too many chunks.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The chunk size is not valid.</exception>
    public static ShareLayout? OfLengths(int chunkSize, IReadOnlyList<long> lengths)
    {
        ArgumentNullException.ThrowIfNull(lengths);
        return TryCreate(chunkSize, [.. lengths.Select(length => new ManifestFile(string.Empty, length, default))]);
    }

    /// <summary>The layout of the files in this order; null when a length is negative or they have more chunks than a share may have.</summary>
    internal static ShareLayout? TryCreate(int chunkSize, IReadOnlyList<ManifestFile> files)
    {
        long[] lengths = new long[files.Count];
        var roots = new Sha256Digest[files.Count];
        int[] firstChunk = new int[files.Count + 1];
        int[] firstGroup = new int[files.Count + 1];
        for (int i = 0; i < lengths.Length; i++)
        {
            (lengths[i], roots[i]) = (files[i].Length, files[i].Root);
            if (lengths[i] < 0 || lengths[i] > (long)(ChunkRange.MaxChunks - firstChunk[i]) * chunkSize) return null;
            var tree = new MerkleLayout(lengths[i], chunkSize);
            firstChunk[i + 1] = firstChunk[i] + tree.ChunkCount;
            firstGroup[i + 1] = firstGroup[i] + tree.GroupCount;
        }

        return new ShareLayout(chunkSize, lengths, roots, firstChunk, firstGroup);
    }

    /// <summary>Length of a file in bytes.</summary>
    public long FileLength(int file) => _lengths[file];

    /// <summary>Root of a file's Merkle tree.</summary>
    public Sha256Digest FileRoot(int file) => _roots[file];

    /// <summary>The Merkle tree of a file.</summary>
    public MerkleLayout TreeOf(int file) => new(_lengths[file], ChunkSize);

    /// <summary>The chunks of a file; empty for a file of no bytes.</summary>
    public ChunkRange ChunksOf(int file) => new(_firstChunk[file], _firstChunk[file + 1] - _firstChunk[file]);

    /// <summary>The first hash group of a file.</summary>
    public int FirstGroupOf(int file) => _firstGroup[file];

    /// <summary>Where a chunk lies. O(log files).</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such chunk.</exception>
    public ChunkPlace Locate(int chunk)
    {
        int file = FileAt(_firstChunk, chunk);
        int inFile = chunk - _firstChunk[file];
        long offset = (long)inFile * ChunkSize;
        return new ChunkPlace(file, inFile, offset, (int)Math.Min(ChunkSize, _lengths[file] - offset));
    }

    /// <summary>The hash group that holds the hash of a chunk.</summary>
    public int GroupOf(int chunk)
    {
        int file = FileAt(_firstChunk, chunk);
        return _firstGroup[file] + ((chunk - _firstChunk[file]) / MerkleLayout.ChunksPerGroup);
    }

    /// <summary>What a hash group covers.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such group.</exception>
    public GroupPlace LocateGroup(int group)
    {
        int file = FileAt(_firstGroup, group);
        int inFile = group - _firstGroup[file];
        ChunkRange chunks = TreeOf(file).GroupChunks(inFile);
        return new GroupPlace(file, inFile, chunks with { First = _firstChunk[file] + chunks.First });
    }

    // The last file that starts at or before the index: files of no bytes start where the next one does, and so are passed over.
    private static int FileAt(int[] firsts, int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, firsts[^1]);
        int low = 0;
        int high = firsts.Length - 1;
        while (high - low > 1)
        {
            int middle = (low + high) >>> 1;
            if (firsts[middle] <= index) low = middle;
            else high = middle;
        }

        return low;
    }
}
