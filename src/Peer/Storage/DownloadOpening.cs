using CS3103P2P.Protocol;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Peer;

/// <summary>Finds out what is there already when a download starts: the finished target, a partial download, or nothing.</summary>
internal sealed class DownloadOpening(
    ShareDescriptor descriptor, DownloadPaths paths, DownloadTargetOptions options, IProgress<HashProgress>? progress)
{
    private readonly IDisk _disk = options.Disk;

    /// <summary>The target, when it exists with the right content.</summary>
    /// <exception cref="StorageException">It exists with other content and must not be replaced, or its folder does not exist.</exception>
    internal async Task<SharedContent?> FindExistingAsync(CancellationToken cancellationToken)
    {
        if (_disk.Find(paths.Folder) is not { IsFolder: true })
            throw new StorageException(StorageErrorReason.NotFound, $"The folder '{paths.Folder}' does not exist.");
        if (_disk.Find(paths.Target) is not { } entry) return null;
        if (await TryReadSameAsync(entry, cancellationToken).ConfigureAwait(false) is { } same)
        {
            DeleteLeftovers();
            return same;
        }

        if (options.Overwrite) return null;
        throw new StorageException(StorageErrorReason.TargetExists, $"'{paths.Target}' exists with other content.");
    }

    /// <summary>Starts or resumes the download.</summary>
    /// <exception cref="StorageException">It is in use, something else was begun there, or the disk failed.</exception>
    internal async Task<OpenedDownload> OpenAsync(CancellationToken cancellationToken)
    {
        var journal = new ResumeJournal(_disk.Open(paths.Journal, DiskAccess.Exclusive));
        DownloadBody? body = null;
        try
        {
            var state = new ResumeState(descriptor, options.BootId.ToByteArray());
            bool clean = LoadJournal(journal, state);
            journal.AppendBoot(options.BootId.ToByteArray());
            if (state.Hashes is not { } hashes)
                return new OpenedDownload(journal, null, journal.Length, []);
            if (descriptor.Kind == ShareKind.File)
                CheckSpace(_disk, paths, descriptor.SizeBytes - ((long)(state.Trusted.Count + state.Doubtful.Count) * descriptor.ChunkSize));
            body = DownloadBody.Create(_disk, paths, descriptor, state.Manifest, hashes);
            await VerifyAsync(journal, state, body, clean, cancellationToken).ConfigureAwait(false);
            int[] dirty = [.. FilesOf(body.Layout, body.Verified.ToChunkSet(), state)];
            return new OpenedDownload(journal, body, state.FirstUnsyncedPosition ?? journal.Length, dirty);
        }
        catch
        {
            body?.Dispose();
            journal.Dispose();
            throw;
        }
    }

    /// <summary>Fails before anything was fetched when it could not be kept.</summary>
    internal static void CheckSpace(IDisk disk, DownloadPaths paths, long neededBytes)
    {
        long free = disk.FreeBytes(paths.Folder);
        if (neededBytes > free)
            throw new StorageException(StorageErrorReason.DiskFull, $"'{paths.Target}' needs {neededBytes} bytes, and {free} are free.");
    }

    // Returns whether the journal is as a crash may leave it; when not, everything whose hash is known is to be hashed again.
    private bool LoadJournal(ResumeJournal journal, ResumeState state)
    {
        switch (journal.ReadHeader(descriptor))
        {
            case JournalHeader.Matches:
                bool clean = journal.Replay(state.Apply);
                state.Finish();
                if (!clean) SetAside(journal, "damaged; what it does not tell is hashed again");
                journal.CutTail();
                return clean;
            case JournalHeader.OtherShare when !options.ReplaceOtherPartial && HasChunks(journal):
                throw new StorageException(
                    StorageErrorReason.OtherPartialExists, $"'{paths.Partial}' is a partial download of something else. Delete it, or choose another target.");
            case JournalHeader.Damaged:
                SetAside(journal, "damaged at its start; the download begins anew");
                break;
        }

        _disk.Delete(paths.Partial);
        journal.Reset(descriptor);
        return true;
    }

    private async Task VerifyAsync(ResumeJournal journal, ResumeState state, DownloadBody body, bool clean, CancellationToken cancellationToken)
    {
        // Noted before the files are given their length: afterwards nothing would show that data is gone.
        List<int> wrong = body.FindWrongLengths(_disk);
        var claimed = new ChunkSet();
        foreach (int file in wrong) claimed.UnionWith(state.Doubt(body.Layout.ChunksOf(file)));
        if (!claimed.IsEmpty)
        {
            journal.AppendLost(claimed);
            journal.Flush();
        }

        body.SizeFiles(wrong);
        var doubtful = state.Doubtful.Clone();
        if (!clean)
        {
            doubtful.Add(new ChunkRange(0, body.Layout.ChunkCount));
            doubtful.ExceptWith(state.Trusted);
        }

        ChunkSet good = doubtful.IsEmpty ? doubtful : await body.RecheckAsync(doubtful, progress, cancellationToken).ConfigureAwait(false);
        doubtful.ExceptWith(good);
        if (!doubtful.IsEmpty) journal.AppendLost(doubtful);
        if (!good.IsEmpty) journal.AppendWritten(good);
        state.Unsynced.UnionWith(good);
        body.Verified.UnionWith(state.Trusted);
        body.Verified.UnionWith(good);
    }

    private static HashSet<int> FilesOf(ShareLayout layout, ChunkSet verified, ResumeState state)
    {
        var files = new HashSet<int>();
        foreach (ChunkRange run in state.Unsynced.Runs)
        {
            for (int chunk = run.First; chunk < run.End;)
            {
                int file = layout.Locate(chunk).File;
                if (verified.Contains(chunk)) files.Add(file);
                chunk = layout.ChunksOf(file).End;
            }
        }

        return files;
    }

    private async Task<SharedContent?> TryReadSameAsync(DiskEntry entry, CancellationToken cancellationToken)
    {
        if (entry.IsFolder != (descriptor.Kind == ShareKind.Directory)) return null;
        if (!entry.IsFolder && entry.Stamp.Length != descriptor.SizeBytes) return null;
        SharedContent content;
        try
        {
            content = await SharedContent.CreateAsync(
                _disk, paths.Target, descriptor.Name, descriptor.ChunkSize, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e) when (e.Reason is StorageErrorReason.InvalidPath or StorageErrorReason.SourceChanged)
        {
            return null; // a folder that could not be shared is not the one that is
        }

        if (content.Descriptor.Root == descriptor.Root) return content;
        await content.DisposeAsync().ConfigureAwait(false);
        return null;
    }

    // A crash between the renaming and the deletion of the journal leaves the journal.
    private void DeleteLeftovers()
    {
        if (_disk.Find(paths.Journal) is null) return;
        try
        {
            using (_disk.Open(paths.Journal, DiskAccess.Exclusive))
            {
                _disk.Delete(paths.Journal);
                _disk.Delete(paths.Partial);
            }
        }
        catch (StorageException e)
        {
            options.Logger.LogWarning(e, "The journal {Path} could not be deleted", paths.Journal);
        }
    }

    private static bool HasChunks(ResumeJournal journal)
    {
        bool any = false;
        journal.Replay((_, type, _) =>
        {
            any |= type == JournalRecordType.Written;
            return true;
        });
        return any;
    }

    private void SetAside(ResumeJournal journal, string what)
    {
        options.Logger.LogWarning("The journal {Path} is {What}; a copy is kept as {Copy}", paths.Journal, what, paths.DamagedJournal);
        using IDiskFile copy = _disk.Open(paths.DamagedJournal, DiskAccess.Write);
        journal.CopyTo(copy);
    }
}
