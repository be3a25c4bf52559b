using CS3103P2P.Protocol;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Peer;

/// <summary>
/// A download on disk: a partial file (or folder) beside the target, and a journal from which it resumes; see <see cref="DownloadPaths"/> and
/// <see cref="JournalFormat"/>. Chunks are hashed and written by the calling threads, without locks around either.
/// </summary>
internal sealed class DownloadTarget : IDownloadContent
{
    private readonly DownloadPaths _paths;
    private readonly DownloadTargetOptions _options;
    private readonly DownloadLog _log;
    private readonly Lock _lifecycle = new();
    private volatile DownloadBody? _body;
    private bool _completed;
    private bool _disposed;

    private DownloadTarget(ShareDescriptor descriptor, DownloadPaths paths, DownloadTargetOptions options, OpenedDownload opened)
    {
        Descriptor = descriptor;
        _paths = paths;
        _options = options;
        _body = opened.Body;
        _log = new DownloadLog(opened.Journal, opened.SyncedPosition, opened.DirtyFiles, SyncFile, options.Time, options.Logger);
    }

    /// <inheritdoc/>
    public ShareDescriptor Descriptor { get; }

    /// <inheritdoc/>
    public ShareLayout? Layout => _body?.Layout;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> ManifestBytes => _body?.Manifest ?? default;

    /// <inheritdoc/>
    public bool IsComplete => _body is { } body && VerifiedCount == body.Layout.ChunkCount;

    /// <inheritdoc/>
    public int VerifiedCount
    {
        get
        {
            if (_body is not { } body) return 0;
            lock (body.Gate) return body.Verified.Count;
        }
    }

    /// <summary>Starts a download or resumes one; done at once when the target exists with the same content.</summary>
    /// <param name="descriptor">What is downloaded.</param>
    /// <param name="target">The final path of the file or folder.</param>
    /// <param name="options">How it is kept.</param>
    /// <param name="progress">Told how far the hashing of what is there already has come.</param>
    /// <param name="cancellationToken">Stops that hashing.</param>
    /// <exception cref="StorageException">The target exists with other content, is in use, or the disk failed.</exception>
    public static async Task<IDownloadContent> OpenAsync(
        ShareDescriptor descriptor,
        string target,
        DownloadTargetOptions options,
        IProgress<HashProgress>? progress,
        CancellationToken cancellationToken)
    {
        var paths = new DownloadPaths(target);
        var opening = new DownloadOpening(descriptor, paths, options, progress);
        if (await opening.FindExistingAsync(cancellationToken).ConfigureAwait(false) is { } existing) return new CompletedDownload(existing);
        return new DownloadTarget(descriptor, paths, options, await opening.OpenAsync(cancellationToken).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public bool HasChunk(int chunk)
    {
        if (_body is not { } body || chunk < 0 || chunk >= body.Layout.ChunkCount) return false;
        lock (body.Gate) return body.Verified.IsSet(chunk);
    }

    /// <inheritdoc/>
    public ChunkBitmap SnapshotVerified()
    {
        if (_body is not { } body) return new ChunkBitmap(Descriptor.ChunkCount);
        lock (body.Gate) return body.Verified.Clone();
    }

    /// <inheritdoc/>
    public int ReadChunk(int chunk, int offset, Span<byte> buffer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (_body is not { } body || !HasChunk(chunk)) return -1;
        ChunkPlace place = body.Layout.Locate(chunk);
        FileStamp? expected = body.Stamps is { } stamps ? stamps[place.File] : null;
        int read = ChunkReader.Read(body.Files, place, offset, buffer, expected);
        if (read >= 0 || expected is null) return read;
        lock (body.Gate) body.Verified.Clear(body.Layout.ChunksOf(place.File));
        return -1;
    }

    /// <inheritdoc/>
    public int CopyGroupRoots(int file, int offset, Span<byte> destination) => _body?.Hashes.CopyGroupRoots(file, offset, destination) ?? 0;

    /// <inheritdoc/>
    public int CopyHashGroup(int group, Span<byte> destination) => _body?.Hashes.CopyHashGroup(group, destination) ?? 0;

    /// <inheritdoc/>
    public VerificationNeed NeedFor(int chunk, out int index)
    {
        index = 0;
        return _body is { } body ? body.Hashes.NeedFor(chunk, out index) : VerificationNeed.Manifest;
    }

    /// <inheritdoc/>
    public bool TryAcceptManifest(ReadOnlySpan<byte> bytes)
    {
        _log.ThrowIfFailed();
        if (!ResumeState.IsManifestOf(Descriptor, bytes, out ShareManifest? manifest)) return false;
        lock (_lifecycle)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_body is not null) return true;
            DownloadOpening.CheckSpace(_options.Disk, _paths, manifest.Files.Sum(file => file.Length));
            DownloadBody body = DownloadBody.Create(_options.Disk, _paths, Descriptor, manifest, new HashStore(manifest.Layout));
            try
            {
                body.SizeFiles(Enumerable.Range(0, body.Layout.FileCount));
                _log.RecordManifest(bytes);
            }
            catch
            {
                body.Dispose();
                throw;
            }

            _body = body;
            return true;
        }
    }

    /// <inheritdoc/>
    public bool TryAcceptGroupRoots(int file, ReadOnlySpan<byte> digests)
    {
        _log.ThrowIfFailed();
        if (_body is not { } body || !body.Hashes.TryAddGroupRoots(file, digests)) return false;
        _log.RecordHashes(JournalRecordType.GroupRoots, file, digests);
        return true;
    }

    /// <inheritdoc/>
    public bool TryAcceptHashGroup(int group, ReadOnlySpan<byte> digests)
    {
        _log.ThrowIfFailed();
        if (_body is not { } body || !body.Hashes.TryAddGroup(group, digests)) return false;
        _log.RecordHashes(JournalRecordType.HashGroup, group, digests);
        return true;
    }

    /// <inheritdoc/>
    public ChunkVerdict AcceptChunk(int chunk, ReadOnlySpan<byte> data)
    {
        _log.ThrowIfFailed();
        if (_body is not { } body) return ChunkVerdict.HashUnknown;
        if (chunk < 0 || chunk >= body.Layout.ChunkCount) return ChunkVerdict.Corrupt;
        if (HasChunk(chunk)) return ChunkVerdict.Duplicate;
        if (!body.Hashes.TryGetChunkHash(chunk, out Sha256Digest expected)) return ChunkVerdict.HashUnknown;
        ChunkPlace place = body.Layout.Locate(chunk);
        if (data.Length != place.Length || MerkleTree.HashChunk(body.Layout.TreeOf(place.File), data) != expected) return ChunkVerdict.Corrupt;

        // Two threads may write the same good bytes to the same place; only one of them gets to note it.
        using (FileSet.Lease lease = body.Files.Rent(place.File)) lease.File.Write(data, place.Offset);
        lock (body.Gate)
        {
            if (!body.Verified.Set(chunk)) return ChunkVerdict.Duplicate;
        }

        _log.RecordWritten(chunk, place.File, place.Length);
        return ChunkVerdict.Verified;
    }

    /// <inheritdoc/>
    public Task CompleteAsync(CancellationToken cancellationToken) => Task.Run(Complete, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Task.Run(() =>
        {
            lock (_lifecycle)
            {
                if (_disposed) return;
                _disposed = true;
                _log.Dispose();
                _body?.Dispose();
            }
        }).ConfigureAwait(false);
    }

    private void Complete()
    {
        lock (_lifecycle)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_completed) return;
            if (!IsComplete || _body is not { } body) throw new InvalidOperationException("Chunks are missing.");
            _log.Sync();
            _log.ThrowIfFailed();
            body.Files.Relocate(_paths.Target, MoveToTarget);
            _completed = true;
            body.Stamps = [.. Enumerable.Range(0, body.Layout.FileCount).Select(file => StampOf(body.Files.PathOf(file)))];
            _log.Dispose();
            DeleteJournal();
        }
    }

    private void MoveToTarget()
    {
        IDisk disk = _options.Disk;
        DiskEntry? existing = disk.Find(_paths.Target);
        if (existing is not null && !_options.Overwrite)
            throw new StorageException(StorageErrorReason.TargetExists, $"'{_paths.Target}' came into being during the download.");
        if (existing is null or { IsFolder: false } && Descriptor.Kind == ShareKind.File)
        {
            disk.Move(_paths.Partial, _paths.Target, _options.Overwrite);
            return;
        }

        // A folder cannot be replaced in one step: the old one steps aside and goes once the new one stands.
        if (existing is not null)
        {
            disk.Delete(_paths.Replaced);
            disk.Move(_paths.Target, _paths.Replaced, overwrite: false);
        }

        disk.Move(_paths.Partial, _paths.Target, overwrite: false);
        if (existing is not null) disk.Delete(_paths.Replaced);
    }

    // The download is complete whatever becomes of its journal: one that stays is removed when the target is opened again.
    private void DeleteJournal()
    {
        try
        {
            _options.Disk.Delete(_paths.Journal);
        }
        catch (StorageException e)
        {
            _options.Logger.LogWarning(e, "The journal {Path} could not be deleted", _paths.Journal);
        }
    }

    private FileStamp StampOf(string path) => _options.Disk.Find(path)?.Stamp ?? default;

    private void SyncFile(int file)
    {
        using FileSet.Lease lease = _body!.Files.Rent(file);
        lease.File.Flush();
    }
}
