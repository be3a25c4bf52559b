using CS3103P2P.Protocol;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Peer;

/// <summary>
/// Keeps the journal of a running download. Written chunks are noted within <see cref="FlushDelay"/> or <see cref="FlushBytes"/>, which bounds
/// what a killed process loses; data is brought to the disk about every <see cref="SyncDelay"/> or <see cref="SyncBytes"/>, on a thread of its
/// own, which bounds what must be hashed again after a power failure. Thread-safe. A failure is kept and thrown at the next chunk.
/// </summary>
internal sealed class DownloadLog : IDisposable
{
    internal const int FlushBytes = 1024 * 1024; // half a percent of 200 MB; an append is a few microseconds
    internal const int SyncBytes = 64 * 1024 * 1024;
    internal static readonly TimeSpan FlushDelay = TimeSpan.FromMilliseconds(50);
    internal static readonly TimeSpan SyncDelay = TimeSpan.FromSeconds(1);

    private readonly ResumeJournal _journal;
    private readonly Action<int> _syncFile;
    private readonly ILogger _logger;
    private readonly ITimer _flushTimer;
    private readonly ITimer _syncTimer;
    private readonly Lock _syncGate = new(); // taken before the others
    private readonly Lock _journalGate = new(); // taken before _gate
    private readonly Lock _gate = new();
    private ChunkSet _pending = new();
    private ChunkSet _taken = new(); // of the last record; kept for its memory
    private HashSet<int> _dirtyFiles = [];
    private long _pendingBytes;
    private long _unsyncedBytes;
    private long _syncedPosition;
    private volatile StorageException? _failure;
    private bool _disposed;

    /// <summary>Takes over the journal.</summary>
    /// <param name="journal">Ready to be appended to.</param>
    /// <param name="syncedPosition">Place before which the journal tells only of data that is on the disk.</param>
    /// <param name="dirtyFiles">Files with data that is not.</param>
    /// <param name="syncFile">Brings a file to the disk.</param>
    /// <param name="time">For the delays.</param>
    /// <param name="logger">Told of failures in the background.</param>
    internal DownloadLog(
        ResumeJournal journal, long syncedPosition, IEnumerable<int> dirtyFiles, Action<int> syncFile, TimeProvider time, ILogger logger)
    {
        _journal = journal;
        _syncedPosition = syncedPosition;
        _dirtyFiles.UnionWith(dirtyFiles);
        _syncFile = syncFile;
        _logger = logger;
        _flushTimer = time.CreateTimer(_ => FlushPending(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _syncTimer = time.CreateTimer(_ => Sync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Throws what went wrong in the background, if anything did.</summary>
    /// <exception cref="StorageException">The disk failed.</exception>
    internal void ThrowIfFailed()
    {
        if (_failure is { } failure) throw new StorageException(failure.Reason, failure.Message, failure);
    }

    /// <summary>Notes a chunk whose data was written.</summary>
    internal void RecordWritten(int chunk, int file, int bytes)
    {
        bool flushNow;
        bool flushSoon;
        bool syncNow;
        bool syncSoon;
        lock (_gate)
        {
            flushSoon = _pending.IsEmpty;
            syncSoon = _unsyncedBytes == 0;
            _pending.Add(chunk);
            _dirtyFiles.Add(file);
            _pendingBytes += bytes;
            flushNow = _pendingBytes >= FlushBytes;
            syncNow = _unsyncedBytes < SyncBytes && _unsyncedBytes + bytes >= SyncBytes;
            _unsyncedBytes += bytes;
        }

        if (flushNow) FlushPending();
        else if (flushSoon) _flushTimer.Change(FlushDelay, Timeout.InfiniteTimeSpan);
        if (syncNow) _syncTimer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        else if (syncSoon) _syncTimer.Change(SyncDelay, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Notes the manifest.</summary>
    internal void RecordManifest(ReadOnlySpan<byte> manifest)
    {
        lock (_journalGate) _journal.AppendManifest(manifest);
    }

    /// <summary>Notes verified hashes.</summary>
    internal void RecordHashes(JournalRecordType type, int index, ReadOnlySpan<byte> digests)
    {
        lock (_journalGate) _journal.AppendHashes(type, index, digests);
    }

    /// <summary>Brings everything that was written so far to the disk and notes that. Failures are kept.</summary>
    internal void Sync()
    {
        lock (_syncGate)
        {
            if (_disposed || _failure is not null) return;
            try
            {
                SyncOrThrow();
            }
            catch (StorageException e)
            {
                // The kernel may have dropped what it could not write: nothing noted since the last success can be trusted.
                Fail(e);
                RewindAfterFailure();
            }
        }
    }

    public void Dispose()
    {
        Sync();
        lock (_syncGate)
        lock (_journalGate)
        {
            _disposed = true;
            _flushTimer.Dispose();
            _syncTimer.Dispose();
            _journal.Dispose();
        }
    }

    private void SyncOrThrow()
    {
        HashSet<int> files;
        long covered;
        lock (_journalGate)
        {
            ChunkSet taken;
            lock (_gate)
            {
                // Taken together: what is noted later makes its file dirty again, and so comes with the next sync.
                taken = TakePending();
                files = _dirtyFiles;
                _dirtyFiles = [];
                _unsyncedBytes = 0;
            }

            if (!taken.IsEmpty) _journal.AppendWritten(taken);
            covered = _journal.Length;
        }

        if (files.Count == 0) return;
        foreach (int file in files) _syncFile(file);
        lock (_journalGate)
        {
            _journal.AppendSynced(covered);
            _syncedPosition = covered;
        }

        _journal.Flush();
    }

    private void FlushPending()
    {
        try
        {
            lock (_journalGate)
            {
                if (_disposed || _failure is not null) return;
                ChunkSet taken;
                lock (_gate) taken = TakePending();
                if (!taken.IsEmpty) _journal.AppendWritten(taken);
            }
        }
        catch (StorageException e)
        {
            Fail(e);
        }
    }

    // Held: both gates; what it returns holds until the journal's is given up.
    private ChunkSet TakePending()
    {
        (_pending, _taken) = (_taken, _pending);
        _pending.Clear();
        _pendingBytes = 0;
        return _taken;
    }

    private void RewindAfterFailure()
    {
        try
        {
            lock (_journalGate) _journal.Rewind(_syncedPosition);
        }
        catch (StorageException e)
        {
            Fail(e);
        }
    }

    private void Fail(StorageException e)
    {
        _failure ??= e;
        _logger.LogError(e, "The download cannot be kept on disk: {Reason}", e.Reason);
    }
}
