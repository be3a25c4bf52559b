using CS3103P2P.Protocol;

namespace CS3103P2P.Peer;

/// <summary>
/// An existing file or folder that is shared from where it lies. Length and time of change of a file are compared at every read: a file that was
/// changed stops being served, since its chunks no longer are what was announced.
/// </summary>
internal sealed class SharedContent : IShareContent
{
    private readonly FileSet _files;
    private readonly FileStamp[] _stamps;
    private readonly HashStore _hashes;
    private readonly ChunkBitmap _available;
    private readonly Lock _gate = new();

    private SharedContent(ShareDescriptor descriptor, ShareLayout layout, ReadOnlyMemory<byte> manifest, FileSet files, FileStamp[] stamps, HashStore hashes)
    {
        (Descriptor, Layout, ManifestBytes) = (descriptor, layout, manifest);
        (_files, _stamps, _hashes) = (files, stamps, hashes);
        _available = new ChunkBitmap(layout.ChunkCount);
        _available.SetAll();
    }

    /// <inheritdoc/>
    public ShareDescriptor Descriptor { get; }

    /// <summary>How chunks map to files.</summary>
    public ShareLayout Layout { get; }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> ManifestBytes { get; }

    /// <inheritdoc/>
    public int VerifiedCount
    {
        get
        {
            lock (_gate) return _available.Count;
        }
    }

    /// <summary>Whether no file was changed since it was hashed, as far as reads have shown.</summary>
    public bool IsComplete => VerifiedCount == Layout.ChunkCount;

    /// <summary>Hashes a file or folder and makes it ready to be served.</summary>
    /// <param name="disk">Where it lies.</param>
    /// <param name="path">The file or folder.</param>
    /// <param name="name">The name of the share; see <see cref="ShareName"/>.</param>
    /// <param name="chunkSize">A valid chunk size; null for the default of its size.</param>
    /// <param name="progress">Told how far hashing has come.</param>
    /// <param name="cancellationToken">Stops the hashing.</param>
    /// <exception cref="StorageException">It cannot be read or shared, or was changed meanwhile.</exception>
    public static async Task<SharedContent> CreateAsync(
        IDisk disk, string path, string name, int? chunkSize, IProgress<HashProgress>? progress, CancellationToken cancellationToken)
    {
        path = Path.GetFullPath(path);
        DiskEntry entry = disk.Find(path) ?? throw new StorageException(StorageErrorReason.NotFound, $"'{path}' does not exist.");
        List<string> paths = [string.Empty];
        List<string> emptyFolders = [];
        if (entry.IsFolder) (paths, emptyFolders) = FolderScanner.Scan(disk, path, cancellationToken);
        paths.Sort(ManifestPath.Compare);
        var files = new FileSet(disk, path, paths, DiskAccess.Read);
        try
        {
            FileStamp[] stamps = [.. paths.Select((_, file) => StampOf(disk, files, file))];
            int size = chunkSize ?? ChunkSize.DefaultFor(stamps.Sum(stamp => stamp.Length));
            ShareLayout layout = ShareLayout.OfLengths(size, [.. stamps.Select(stamp => stamp.Length)])
                ?? throw new StorageException(StorageErrorReason.InvalidPath, $"'{path}' has too many chunks of {size} bytes.");
            Sha256Digest[] hashes = await HashAllAsync(files, layout, progress, cancellationToken).ConfigureAwait(false);
            for (int file = 0; file < stamps.Length; file++)
            {
                if (StampOf(disk, files, file) != stamps[file]) throw Changed(files.PathOf(file));
            }

            return Finish(entry.IsFolder, name, size, paths, emptyFolders, stamps, layout, hashes, files);
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public bool HasChunk(int chunk)
    {
        lock (_gate) return chunk >= 0 && chunk < _available.Length && _available.IsSet(chunk);
    }

    /// <inheritdoc/>
    public ChunkBitmap SnapshotVerified()
    {
        lock (_gate) return _available.Clone();
    }

    /// <inheritdoc/>
    public int ReadChunk(int chunk, int offset, Span<byte> buffer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (!HasChunk(chunk)) return -1;
        ChunkPlace place = Layout.Locate(chunk);
        int read = ChunkReader.Read(_files, place, offset, buffer, _stamps[place.File]);
        if (read >= 0) return read;
        lock (_gate) _available.Clear(Layout.ChunksOf(place.File));
        return -1;
    }

    /// <inheritdoc/>
    public int CopyGroupRoots(int file, int offset, Span<byte> destination) => _hashes.CopyGroupRoots(file, offset, destination);

    /// <inheritdoc/>
    public int CopyHashGroup(int group, Span<byte> destination) => _hashes.CopyHashGroup(group, destination);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _files.Dispose();
        return ValueTask.CompletedTask;
    }

    private static async Task<Sha256Digest[]> HashAllAsync(
        FileSet files, ShareLayout layout, IProgress<HashProgress>? progress, CancellationToken cancellationToken)
    {
        var hashes = new Sha256Digest[layout.ChunkCount];
        var all = new ChunkSet(new ChunkRange(0, layout.ChunkCount));
        void Keep(int chunk, Sha256Digest? hash) => hashes[chunk] = hash ?? throw Changed(files.PathOf(layout.Locate(chunk).File));
        await ChunkHasher.HashAsync(files, layout, all, Keep, progress, cancellationToken).ConfigureAwait(false);
        return hashes;
    }

    private static SharedContent Finish(
        bool isFolder,
        string name,
        int chunkSize,
        List<string> paths,
        List<string> emptyFolders,
        FileStamp[] stamps,
        ShareLayout lengths,
        Sha256Digest[] hashes,
        FileSet files)
    {
        var roots = new Sha256Digest[paths.Count];
        for (int file = 0; file < roots.Length; file++)
        {
            ChunkRange chunks = lengths.ChunksOf(file);
            roots[file] = MerkleTree.RootOfChunks(lengths.TreeOf(file), hashes.AsSpan(chunks.First, chunks.Count));
        }

        ShareDescriptor descriptor;
        ShareLayout layout;
        ReadOnlyMemory<byte> manifestBytes = default;
        if (isFolder)
        {
            IEnumerable<ManifestFile> entries = paths.Select((path, file) => new ManifestFile(path, stamps[file].Length, roots[file]));
            if (!ShareManifest.TryCreate(chunkSize, entries, emptyFolders, out ShareManifest? manifest, out string? problem))
                throw new StorageException(StorageErrorReason.InvalidPath, problem);
            (descriptor, layout, manifestBytes) = (manifest.Describe(name), manifest.Layout, manifest.Bytes);
        }
        else
        {
            descriptor = new ShareDescriptor(name, ShareKind.File, stamps[0].Length, chunkSize, roots[0]);
            layout = ShareLayout.OfFile(descriptor);
        }

        var store = new HashStore(layout);
        store.AddAll(hashes);
        return new SharedContent(descriptor, layout, manifestBytes, files, stamps, store);
    }

    private static FileStamp StampOf(IDisk disk, FileSet files, int file) =>
        disk.Find(files.PathOf(file)) is { IsFolder: false } entry ? entry.Stamp : throw Changed(files.PathOf(file));

    private static StorageException Changed(string path) => new(StorageErrorReason.SourceChanged, $"'{path}' was changed while it was read.");
}
