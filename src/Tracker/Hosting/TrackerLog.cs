using CS3103P2P.Protocol;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Tracker.Hosting;

/// <summary>What the tracker logs. No line holds a secret: no cookie, password, connection string, or name of an unlisted share.</summary>
internal static partial class TrackerLog
{
    [LoggerMessage(100, LogLevel.Information, "Answering requests on {Address}.")]
    public static partial void AnsweringRequests(ILogger logger, TransportAddress address);

    [LoggerMessage(101, LogLevel.Information, "Answering STUN on {Address}.")]
    public static partial void AnsweringStun(ILogger logger, TransportAddress address);

    [LoggerMessage(102, LogLevel.Information, "The limits are now: lease {Lease}, {MaxFiles} files, {MaxEntries} entries, {MaxEntriesPerSource} of one source, {MaxRequestsPerSecond} requests/s of one source.")]
    public static partial void LimitsChanged(ILogger logger, TimeSpan lease, int maxFiles, int maxEntries, int maxEntriesPerSource, int maxRequestsPerSecond);

    [LoggerMessage(103, LogLevel.Information, "Stopping: no more requests are answered.")]
    public static partial void Stopping(ILogger logger);

    [LoggerMessage(110, LogLevel.Information, "There is no snapshot at {Path} yet: the tracker starts empty.")]
    public static partial void NoSnapshot(ILogger logger, string path);

    [LoggerMessage(111, LogLevel.Information, "The snapshot {Path}, {AgeSeconds:F1} s old, gave back {Restored} entries; the leases of {Expired} had ended, and limits kept out {Refused}.")]
    public static partial void SnapshotLoaded(ILogger logger, string path, double ageSeconds, long restored, long expired, long refused);

    [LoggerMessage(112, LogLevel.Error, "The snapshot {Path} is damaged: {Reason}. It was set aside as {Aside}; the tracker starts empty, and peers register again by themselves.")]
    public static partial void SnapshotDamaged(ILogger logger, string path, string reason, string aside);

    [LoggerMessage(113, LogLevel.Error, "No snapshot could be written to {Path}: {Reason} The tracker goes on and tries again; a restart would lose what came since the last one.")]
    public static partial void SnapshotFailed(ILogger logger, string path, string reason);

    [LoggerMessage(114, LogLevel.Information, "Snapshots are written to {Path} again.")]
    public static partial void SnapshotsGoOn(ILogger logger, string path);

    [LoggerMessage(115, LogLevel.Information, "{Path}, {State}, gave back the changes of {Registrants} registrants that came after the snapshot.")]
    public static partial void ChangesLoaded(ILogger logger, string path, long registrants, string state);

    [LoggerMessage(120, LogLevel.Warning, "{Count} requests in {Seconds:F0} s were left unanswered because their sources sent too many.")]
    public static partial void RequestsLimited(ILogger logger, long count, double seconds);

    [LoggerMessage(121, LogLevel.Warning, "{Count} requests in {Seconds:F0} s were refused: {Reason}.")]
    public static partial void RequestsRefused(ILogger logger, long count, double seconds, string reason);

    [LoggerMessage(122, LogLevel.Warning, "{Count} lines of the kind that follows were left out.")]
    public static partial void Suppressed(ILogger logger, long count);
}
