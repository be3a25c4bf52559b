using CS3103P2P.Tracker.Registry;
using CS3103P2P.Tracker.Snapshots;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace CS3103P2P.Tracker.Hosting;

/// <summary>
/// Keeps a copy of the registry on the disk, and beside it each period what changed since: so a tracker that is restarted or killed knows what it knew a
/// moment ago. A copy is taken in slices between which requests are answered, written beside the old one, flushed, and takes its place by a rename.
/// </summary>
internal sealed class SnapshotKeeper : IAsyncDisposable
{
    private const int SliceSteps = 1_024;   // requests wait meanwhile: well under a millisecond
    private const int FlushBytes = 32 << 20;   // the disk gets its work in parts, so that changes never wait long behind it
    private const long MinBytesToCopy = 64 << 20;
    private const int RestInCopies = 10;   // a whole copy takes a tenth of the time, or less
    private const int WriteBytes = 1 << 20;
    private const int RestInSlices = 6;   // so a snapshot takes a seventh of a processor at most
    private static readonly TimeSpan LongestRest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestWithoutCopy = TimeSpan.FromMinutes(10);

    private readonly string _path;
    private readonly TimeSpan _period;
    private readonly RegistryDoor _door;
    private readonly ILogger _logger;
    private readonly FileStream _lock;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private readonly ChangeFiles _changes;
    private SnapshotStatus _status = new(null, TimeSpan.Zero, 0, 0, null);
    private long _copiedAt;
    private long _writtenAt;
    private bool _mustCopy = true;
    private bool _isCopyOpen;

    private SnapshotKeeper(string path, TimeSpan period, RegistryDoor door, ILogger logger, FileStream fileLock)
    {
        _path = path;
        _period = period;
        _door = door;
        _logger = logger;
        _lock = fileLock;
        _changes = new ChangeFiles(path, door);
    }

    /// <summary>How the last snapshot went. Thread-safe.</summary>
    public SnapshotStatus Status => Volatile.Read(ref _status);

    /// <summary>Since what is on the disk was true; null when there is none. Thread-safe.</summary>
    public TimeSpan? Age => _door.TimeProvider.GetUtcNow() - Status.BegunAt;

    /// <summary>The same in words. The tracker is ready all the same: it answers.</summary>
    public TrackerHealth Health
    {
        get
        {
            SnapshotStatus status = Status;
            string saved = Age is { } age ? $"last written {age.TotalSeconds:F0} s ago" : "not written yet";
            string failure = status.Failure is { } reason ? $"; the last try failed: {reason}" : string.Empty;
            return new TrackerHealth(true, $"the registry is in memory, its snapshot {saved}{failure}");
        }
    }

    private string Folder => Path.GetDirectoryName(_path)!;

    private string Beside => _path + ".writing";

    /// <summary>Brings back the last snapshot, if there is a good one. Snapshots are taken from <see cref="Start"/> on.</summary>
    /// <exception cref="TrackerException">Another process has the snapshot, or the disk refuses.</exception>
    public static async Task<SnapshotKeeper> LoadAsync(string path, TimeSpan period, RegistryDoor door, ILogger logger, CancellationToken cancellationToken)
    {
        string full = Path.GetFullPath(path);
        FileStream? held = null;
        try
        {
            held = Lock(full);
            var keeper = new SnapshotKeeper(full, period, door, logger, held);
            await Task.Run(() => keeper.Load(cancellationToken), cancellationToken).ConfigureAwait(false);
            held = null;
            return keeper;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TrackerException(TrackerErrorReason.StateUnusable, $"The state {full} cannot be used: {e.Message}", e);
        }
        finally
        {
            if (held is not null) await held.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Begins to take snapshots.</summary>
    public void Start()
    {
        _door.Enter((registry, _) => registry.Journal = new RegistryJournal());
        _running = Task.Run(RunAsync);
    }

    /// <summary>Takes a last snapshot and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        bool hasStarted = _running != Task.CompletedTask;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        if (hasStarted) await SaveAsync(copies: true, rests: false, CancellationToken.None).ConfigureAwait(false);
        _door.Enter((registry, _) => registry.Journal = null);
        _changes.Dispose();
        await _lock.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private static FileStream Lock(string path)
    {
        try
        {
            return new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or FileNotFoundException) && File.Exists(path + ".lock"))
        {
            throw new IOException("another process has it open. Each tracker needs a state of its own.", e);
        }
    }

    private void Load(CancellationToken cancellationToken)
    {
        if (File.Exists(_path)) LoadCopy(cancellationToken);
        else TrackerLog.NoSnapshot(_logger, _path);
        _changes.Load(_logger, cancellationToken);
    }

    private void LoadCopy(CancellationToken cancellationToken)
    {
        var file = new SnapshotFile(_path, _door);
        SnapshotError error = file.Load(cancellationToken);
        if (error == SnapshotError.None)
        {
            TrackerLog.SnapshotLoaded(_logger, _path, file.Age.TotalSeconds, file.Restored, file.Expired, file.Refused);
            return;
        }

        string aside = $"{_path}.damaged-{_door.TimeProvider.GetUtcNow():yyyyMMdd'T'HHmmssfff'Z'}";
        File.Move(_path, aside);
        TrackerLog.SnapshotDamaged(_logger, _path, Explain(error), aside);
    }

    private static string Explain(SnapshotError error) => error switch
    {
        SnapshotError.Foreign => "it is no snapshot of a tracker",
        SnapshotError.OtherVersion => $"another version of the tracker wrote it; this one reads version {SnapshotFormat.Version}",
        SnapshotError.Truncated => "it ends too early",
        SnapshotError.BadChecksum => "a checksum is wrong",
        _ => "its content makes no sense",
    };

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            await Task.Delay(_period, _door.TimeProvider, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_stop.IsCancellationRequested) await SaveAsync(IsCopyDue(), rests: true, _stop.Token).ConfigureAwait(false);
        }
    }

    private bool IsCopyDue()
    {
        TimeSpan rest = Status.Took * RestInCopies;
        return _mustCopy
            || _changes.Bytes > Math.Max(MinBytesToCopy, Status.Bytes)
            || _door.TimeProvider.GetElapsedTime(_copiedAt) >= (rest < LongestWithoutCopy ? rest : LongestWithoutCopy);
    }

    private async Task SaveAsync(bool copies, bool rests, CancellationToken stop)
    {
        try
        {
            if (copies) await CopyAsync(rests, stop).ConfigureAwait(false);
            else await WriteChangesAsync(rests, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            File.Delete(Beside);   // the last one, taken without rests, comes instead
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _mustCopy = true;
            if (Status.Failure is null) TrackerLog.SnapshotFailed(_logger, _path, e.Message);
            Volatile.Write(ref _status, Status with { Failure = e.Message });
        }
    }

    private async Task WriteChangesAsync(bool rests, CancellationToken stop)
    {
        DateTimeOffset begun = _door.TimeProvider.GetUtcNow();
        await _changes.WriteAsync(worked => rests ? RestAsync(worked, stop) : Task.CompletedTask).ConfigureAwait(false);
        _writtenAt = _door.TimeProvider.GetTimestamp();
        _mustCopy |= _door.Enter((registry, _) => registry.Journal!.HasOverflowed);
        if (Status.BegunAt is not null) Volatile.Write(ref _status, Status with { BegunAt = begun });
    }

    private async Task CopyAsync(bool rests, CancellationToken stop)
    {
        long started = _door.TimeProvider.GetTimestamp();
        DateTimeOffset begun = _door.TimeProvider.GetUtcNow();
        _mustCopy = true;   // until it is there

        // Changes from now on stand in a file of their own, those of a copy that failed too.
        if (!_isCopyOpen || !_changes.IsGood) _changes.Begin();
        _isCopyOpen = true;
        _door.Enter((registry, _) => registry.Journal!.HasOverflowed = false);
        await WriteChangesAsync(rests, stop).ConfigureAwait(false);
        var writer = new SnapshotWriter(_door.Now, begun.ToUnixTimeMilliseconds());
        long bytes = await WriteAsync(writer, rests, stop).ConfigureAwait(false);
        File.Move(Beside, _path, overwrite: true);
        FolderSync.Flush(Folder);
        _changes.Forget(all: !rests);   // the last copy is taken when nothing changes any more
        TimeSpan took = _door.TimeProvider.GetElapsedTime(started);
        if (Status.Failure is not null) TrackerLog.SnapshotsGoOn(_logger, _path);
        _copiedAt = _door.TimeProvider.GetTimestamp();
        _mustCopy = _isCopyOpen = false;
        DateTimeOffset known = Status.BegunAt > begun ? Status.BegunAt.Value : begun;
        Volatile.Write(ref _status, new SnapshotStatus(known, took, writer.Entries, bytes, null));
    }

    private async Task<long> WriteAsync(SnapshotWriter writer, bool rests, CancellationToken stop)
    {
        using SafeFileHandle file = File.OpenHandle(Beside, FileMode.Create, FileAccess.Write, FileShare.Read);
        long length = 0;
        long flushed = 0;
        _writtenAt = _door.TimeProvider.GetTimestamp();
        int cursor = _door.Enter((registry, _) => registry.ExportStart);
        while (cursor > 0)
        {
            long sliceStarted = _door.TimeProvider.GetTimestamp();
            cursor = _door.Enter((registry, _) => registry.Export(cursor, SliceSteps, writer));
            TimeSpan worked = _door.TimeProvider.GetElapsedTime(sliceStarted);
            if (writer.ReadyBytes >= WriteBytes) length = Drain(writer, file, length);
            if (length - flushed >= FlushBytes)
            {
                RandomAccess.FlushToDisk(file);
                flushed = length;
            }

            if (_door.TimeProvider.GetElapsedTime(_writtenAt) >= _period) await WriteChangesAsync(rests, stop).ConfigureAwait(false);
            if (rests) await RestAsync(worked, stop).ConfigureAwait(false);
        }

        writer.Complete();
        length = Drain(writer, file, length);
        RandomAccess.FlushToDisk(file);
        return length;
    }

    private static long Drain(SnapshotWriter writer, SafeFileHandle file, long length)
    {
        RandomAccess.Write(file, writer.Ready, length);
        length += writer.ReadyBytes;
        writer.Consume();
        return length;
    }

    private async Task RestAsync(TimeSpan worked, CancellationToken stop)
    {
        TimeSpan rest = worked * RestInSlices;
        await Task.Delay(rest < LongestRest ? rest : LongestRest, _door.TimeProvider, stop).ConfigureAwait(false);
    }
}
