using CS3103P2P.Tracker.Snapshots;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace CS3103P2P.Tracker.Hosting;

/// <summary>
/// Keeps a copy of the registry on the disk: so a tracker that is restarted or killed knows what it knew when the last copy was begun. A copy is taken in
/// slices between which requests are answered, written beside the old one, flushed, and takes its place by a rename.
/// </summary>
internal sealed class SnapshotKeeper : IAsyncDisposable
{
    private const int SliceRegistrants = 1_024;
    private const int WriteBytes = 1 << 20;
    private const int RestInSlices = 6;   // so a snapshot takes a seventh of a processor at most
    private static readonly TimeSpan LongestRest = TimeSpan.FromMilliseconds(100);

    private readonly string _path;
    private readonly TimeSpan _period;
    private readonly RegistryDoor _door;
    private readonly ILogger _logger;
    private readonly FileStream _lock;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private SnapshotStatus _status = new(null, TimeSpan.Zero, 0, 0, null);

    private SnapshotKeeper(string path, TimeSpan period, RegistryDoor door, ILogger logger, FileStream fileLock)
    {
        _path = path;
        _period = period;
        _door = door;
        _logger = logger;
        _lock = fileLock;
    }

    /// <summary>How the last snapshot went. Thread-safe.</summary>
    public SnapshotStatus Status => Volatile.Read(ref _status);

    /// <summary>Since the last good snapshot was begun; null when there is none. Thread-safe.</summary>
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
    public void Start() => _running = Task.Run(RunAsync);

    /// <summary>Takes a last snapshot and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        bool hasStarted = _running != Task.CompletedTask;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        if (hasStarted) await TakeAsync(rests: false, CancellationToken.None).ConfigureAwait(false);
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
        if (!File.Exists(_path))
        {
            TrackerLog.NoSnapshot(_logger, _path);
            return;
        }

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
            if (!_stop.IsCancellationRequested) await TakeAsync(rests: true, _stop.Token).ConfigureAwait(false);
        }
    }

    private async Task TakeAsync(bool rests, CancellationToken stop)
    {
        long started = _door.TimeProvider.GetTimestamp();
        DateTimeOffset begun = _door.TimeProvider.GetUtcNow();
        try
        {
            var writer = new SnapshotWriter(_door.Now, begun.ToUnixTimeMilliseconds());
            long bytes = await WriteAsync(writer, rests, stop).ConfigureAwait(false);
            File.Move(Beside, _path, overwrite: true);
            FolderSync.Flush(Folder);
            TimeSpan took = _door.TimeProvider.GetElapsedTime(started);
            if (Status.Failure is not null) TrackerLog.SnapshotsGoOn(_logger, _path);
            Volatile.Write(ref _status, new SnapshotStatus(begun, took, writer.Entries, bytes, null));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            File.Delete(Beside);   // the last one, taken without rests, comes instead
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (Status.Failure is null) TrackerLog.SnapshotFailed(_logger, _path, e.Message);
            Volatile.Write(ref _status, Status with { Failure = e.Message });
        }
    }

    private async Task<long> WriteAsync(SnapshotWriter writer, bool rests, CancellationToken stop)
    {
        using SafeFileHandle file = File.OpenHandle(Beside, FileMode.Create, FileAccess.Write, FileShare.Read);
        long length = 0;
        int cursor = _door.Enter((registry, _) => registry.ExportStart);
        while (cursor > 0)
        {
            long sliceStarted = _door.TimeProvider.GetTimestamp();
            cursor = _door.Enter((registry, _) => registry.Export(cursor, SliceRegistrants, writer));
            if (writer.ReadyBytes >= WriteBytes) length = Drain(writer, file, length);
            if (rests) await RestAsync(_door.TimeProvider.GetElapsedTime(sliceStarted), stop).ConfigureAwait(false);
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
