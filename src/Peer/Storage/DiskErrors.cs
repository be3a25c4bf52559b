using System.Security;

namespace CS3103P2P.Peer;

/// <summary>Turns the exceptions of the runtime's file APIs into <see cref="StorageException"/>.</summary>
internal static class DiskErrors
{
    // Outside Windows the runtime keeps errno in HResult.
    private const int UnixNoSpace = 28;
    private const int UnixReadOnly = 30;
    private const int LinuxQuota = 122;
    private const int MacQuota = 69;
    private const int UnixWouldBlock = 11;
    private const int MacWouldBlock = 35;
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);
    private const int WindowsSharingViolation = unchecked((int)0x80070020);

    /// <summary>Whether the exception tells of the disk rather than of a mistake in the program.</summary>
    internal static bool IsDiskError(Exception e) =>
        e is IOException or UnauthorizedAccessException or SecurityException or NotSupportedException;

    internal static StorageException Translate(Exception e, string path) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => new(StorageErrorReason.NotFound, $"'{path}' does not exist.", e),
        UnauthorizedAccessException or SecurityException => new(StorageErrorReason.PermissionDenied, $"No permission to use '{path}'.", e),
        PathTooLongException or NotSupportedException => new(StorageErrorReason.InvalidPath, $"This system cannot have the path '{path}'.", e),
        _ => TranslateCode(e, path),
    };

    private static StorageException TranslateCode(Exception e, string path) => e.HResult switch
    {
        UnixNoSpace or LinuxQuota or MacQuota or WindowsDiskFull or WindowsHandleDiskFull =>
            new(StorageErrorReason.DiskFull, $"No space is left for '{path}'.", e),
        UnixReadOnly => new(StorageErrorReason.PermissionDenied, $"'{path}' lies on a file system that is read-only.", e),
        UnixWouldBlock or MacWouldBlock or WindowsSharingViolation => new(StorageErrorReason.InUse, $"'{path}' is used by another process.", e),
        _ => new(StorageErrorReason.IoError, $"The disk failed at '{path}': {e.Message}", e),
    };
}
