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
