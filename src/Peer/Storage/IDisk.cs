namespace CS3103P2P.Peer;

/// <summary>The file system, as far as storage needs it. A seam, so that a simulator can replace the disk and tests can make it fail.</summary>
/// <remarks>Every member throws <see cref="StorageException"/> and nothing else when the disk does not do what was asked.</remarks>
internal interface IDisk
{
    /// <summary>Opens a file.</summary>
    IDiskFile Open(string path, DiskAccess access);

    /// <summary>What lies at the path, links followed; null when nothing does.</summary>
    DiskEntry? Find(string path);

    /// <summary>What lies in a folder, links not followed.</summary>
    IReadOnlyList<DiskChild> List(string folder);

    /// <summary>Makes a folder and those above it; nothing happens when it exists.</summary>
    void CreateFolder(string path);

    /// <summary>Renames a file or folder in the same file system, in one step.</summary>
    /// <param name="source">What to rename.</param>
    /// <param name="destination">Its new path.</param>
    /// <param name="overwrite">Whether a file there is replaced; otherwise <see cref="StorageErrorReason.TargetExists"/>.</param>
    void Move(string source, string destination, bool overwrite);

    /// <summary>Deletes a file, or a folder with everything in it; nothing happens when it does not exist.</summary>
    void Delete(string path);

    /// <summary>Bytes that the user may still write in the file system of this folder.</summary>
    long FreeBytes(string folder);
}

/// <summary>An open file. Reads and writes may come from any thread at once.</summary>
internal interface IDiskFile : IDisposable
{
    /// <summary>Length and time of the last change.</summary>
    FileStamp Stamp { get; }

    /// <summary>Cuts or extends the file; new parts are zero and take no space until written, where the file system can.</summary>
    void SetLength(long length);

    /// <summary>Reads until the buffer is full or the file ends; returns bytes read.</summary>
    int Read(Span<byte> buffer, long offset);

    /// <summary>Writes all bytes.</summary>
    void Write(ReadOnlySpan<byte> data, long offset);

    /// <summary>Returns once everything written so far would survive a power failure.</summary>
    void Flush();
}

/// <summary>How a file is opened.</summary>
internal enum DiskAccess
{
    /// <summary>To read; others may read, write, rename and delete.</summary>
    Read,

    /// <summary>To read and write, created when missing; others may read.</summary>
    Write,

    /// <summary>To read and write, created when missing; no other process may have it open (<see cref="StorageErrorReason.InUse"/>).</summary>
    Exclusive,
}

/// <summary>By what a change of a file shows.</summary>
/// <param name="Length">Length in bytes.</param>
/// <param name="ChangedTicks">Time of the last change, in ticks of UTC.</param>
internal readonly record struct FileStamp(long Length, long ChangedTicks);

/// <summary>What lies at a path.</summary>
internal readonly record struct DiskEntry(bool IsFolder, FileStamp Stamp);

/// <summary>What lies in a folder.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsFolder">Whether it is a folder.</param>
/// <param name="LinkTarget">For a symbolic link the full path to which it leads in the end; otherwise null.</param>
internal readonly record struct DiskChild(string Name, bool IsFolder, string? LinkTarget);
