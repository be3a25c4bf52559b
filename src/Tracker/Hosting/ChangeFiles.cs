using System.Globalization;
using CS3103P2P.Tracker.Snapshots;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace CS3103P2P.Tracker.Hosting;

/// <summary>
/// What changed in the registry since a snapshot was begun, in files beside it: <c>FILE.changes-1</c> and on. A new file is begun with each snapshot, and
/// when that is complete the files before go. Each registrant stands there with its whole state, so reading a file that is older than the snapshot does
/// no harm as long as all that follow are read too.
/// </summary>
internal sealed class ChangeFiles(string path, RegistryDoor door) : IDisposable
{
    private const string Infix = ".changes-";
    private const int SliceSteps = 1_024;   // requests wait meanwhile: well under a millisecond
    private const int WriteBytes = 1 << 20;

    private long _number = Numbers(path).DefaultIfEmpty(0).Max();
    private SafeFileHandle? _file;
    private SnapshotWriter? _writer;
    private long _length;

    /// <summary>The length of all files since the last snapshot that is complete.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether nothing is missing in the present file.</summary>
    public bool IsGood { get; private set; }

    /// <summary>Brings back what the files hold, in their order.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public void Load(ILogger logger, CancellationToken cancellationToken)
    {
        foreach (long number in Numbers(path).Order())
        {
            var file = new SnapshotFile(PathOf(number), door);
            bool isWhole = file.Replay(cancellationToken);
            if (file.Registrants > 0) TrackerLog.ChangesLoaded(logger, PathOf(number), file.Registrants, isWhole ? "whole" : "torn at its end");
        }
    }

    /// <summary>Begins another file.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public void Begin()
    {
        bool isEmpty = _writer is not null && _length == 0;   // a full disk makes no more than one of those
        long number = isEmpty ? _number : _number + 1;
        _file?.Dispose();
        _file = null;
        _file = File.OpenHandle(PathOf(number), FileMode.Create, FileAccess.Write, FileShare.Read);
        _number = number;
        _writer = new SnapshotWriter(door.Now, door.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds());
        _length = 0;
        IsGood = true;
    }

    /// <summary>Writes what changed since the last call.</summary>
    /// <param name="rest">Called between slices with the time that one took.</param>
    /// <exception cref="IOException">The disk refuses; then changes may be missing, and a snapshot is due.</exception>
    public async Task WriteAsync(Func<TimeSpan, Task> rest)
    {
        if (_file is null || _writer is not { } writer) throw new InvalidOperationException("No file was begun.");
        (int left, int changed) = door.Enter((registry, _) => (registry.Journal!.LeftCount, registry.Journal.ChangedCount));
        if (left + changed == 0) return;
        IsGood = false;
        while (left + changed > 0)
        {
            long started = door.TimeProvider.GetTimestamp();
            door.Enter((registry, _) => registry.ExportChanges(ref left, ref changed, SliceSteps, writer));
            TimeSpan worked = door.TimeProvider.GetElapsedTime(started);
            if (writer.ReadyBytes >= WriteBytes) Drain(writer, _file);
            if (left + changed > 0) await rest(worked).ConfigureAwait(false);
        }

        writer.Flush();
        Drain(writer, _file);
        RandomAccess.FlushToDisk(_file);
        IsGood = true;
    }

    /// <summary>Deletes the files before the present one, or all: a snapshot holds what they do.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public void Forget(bool all)
    {
        foreach (long number in Numbers(path))
        {
            if (all || number < _number) File.Delete(PathOf(number));
        }

        Bytes = _length;
    }

    /// <summary>Closes the present file.</summary>
    public void Dispose() => _file?.Dispose();

    private void Drain(SnapshotWriter writer, SafeFileHandle file)
    {
        RandomAccess.Write(file, writer.Ready, _length);
        _length += writer.ReadyBytes;
        Bytes += writer.ReadyBytes;
        writer.Consume();
    }

    private string PathOf(long number) => path + Infix + number.ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<long> Numbers(string path)
    {
        string start = Path.GetFileName(path) + Infix;
        foreach (string file in Directory.GetFiles(Path.GetDirectoryName(path)!, start + "*"))
        {
            if (long.TryParse(Path.GetFileName(file.AsSpan())[start.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out long number)) yield return number;
        }
    }
}
