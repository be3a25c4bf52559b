using CS3103P2P.Protocol;

namespace CS3103P2P.Peer;

/// <summary>What a download has once its layout is known: files, hashes, and the bitmap of verified chunks. The bitmap is guarded by the gate.</summary>
internal sealed class DownloadBody(ShareLayout layout, ReadOnlyMemory<byte> manifest, HashStore hashes, FileSet files) : IDisposable
{
    internal ShareLayout Layout { get; } = layout;

    internal ReadOnlyMemory<byte> Manifest { get; } = manifest;

    internal HashStore Hashes { get; } = hashes;

    internal FileSet Files { get; } = files;

    internal ChunkBitmap Verified { get; } = new(layout.ChunkCount);

    internal Lock Gate { get; } = new();

    /// <summary>What the files looked like when they were complete; null until then.</summary>
    internal FileStamp[]? Stamps { get; set; }

    /// <summary>Makes the body of a share and creates its folders; its files are made by <see cref="SizeFiles"/>.</summary>
    /// <exception cref="StorageException">The folders cannot be created.</exception>
    internal static DownloadBody Create(IDisk disk, DownloadPaths paths, ShareDescriptor descriptor, ShareManifest? manifest, HashStore hashes)
    {
        if (manifest is null)
            return new DownloadBody(ShareLayout.OfFile(descriptor), default, hashes, new FileSet(disk, paths.Partial, [string.Empty], DiskAccess.Write));
        disk.CreateFolder(paths.Partial);
        var folders = new HashSet<string>(manifest.EmptyFolders);
        foreach (ManifestFile file in manifest.Files)
        {
            int slash = file.Path.LastIndexOf('/');
            if (slash > 0) folders.Add(file.Path[..slash]);
        }

        foreach (string folder in folders) disk.CreateFolder(Path.Combine(paths.Partial, folder.Replace('/', Path.DirectorySeparatorChar)));
        string[] files = [.. manifest.Files.Select(file => file.Path)];
        return new DownloadBody(manifest.Layout, manifest.Bytes, hashes, new FileSet(disk, paths.Partial, files, DiskAccess.Write));
    }

    /// <summary>The files that are missing or have another length than they should.</summary>
    internal List<int> FindWrongLengths(IDisk disk)
    {
        var wrong = new List<int>();
        for (int file = 0; file < Layout.FileCount; file++)
        {
            if (disk.Find(Files.PathOf(file)) is not { IsFolder: false } entry || entry.Stamp.Length != Layout.FileLength(file)) wrong.Add(file);
        }

        return wrong;
    }

    /// <summary>Gives files their length; what is new takes no space until it is written.</summary>
    internal void SizeFiles(IEnumerable<int> files)
    {
        foreach (int file in files)
        {
            using FileSet.Lease lease = Files.Rent(file);
            lease.File.SetLength(Layout.FileLength(file));
        }
    }

    /// <summary>Hashes chunks on disk and returns those that are good; chunks whose hash is not known are not.</summary>
    internal async Task<ChunkSet> RecheckAsync(ChunkSet chunks, IProgress<HashProgress>? progress, CancellationToken cancellationToken)
    {
        var good = new ChunkBitmap(Layout.ChunkCount);
        var gate = new Lock();
        void Compare(int chunk, Sha256Digest? hash)
        {
            if (hash is null || !Hashes.TryGetChunkHash(chunk, out Sha256Digest expected) || hash != expected) return;
            lock (gate) good.Set(chunk);
        }

        await ChunkHasher.HashAsync(Files, Layout, chunks, Compare, progress, cancellationToken).ConfigureAwait(false);
        return good.ToChunkSet();
    }

    public void Dispose() => Files.Dispose();
}
