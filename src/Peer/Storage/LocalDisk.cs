using Microsoft.Win32.SafeHandles;

namespace CS3103P2P.Peer;

/// <summary>The file system of this machine.</summary>
internal sealed class LocalDisk : IDisk
{
    public IDiskFile Open(string path, DiskAccess access) => Run(path, () => new LocalFile(path, OpenHandle(path, access), canBypassCache: access == DiskAccess.Write));

    public DiskEntry? Find(string path) => Run<DiskEntry?>(path, () =>
    {
        var file = new FileInfo(path);
        if (file.Exists) return new DiskEntry(false, new FileStamp(Resolve(file).Length, Resolve(file).LastWriteTimeUtc.Ticks));
        var folder = new DirectoryInfo(path);
        return folder.Exists ? new DiskEntry(true, new FileStamp(0, folder.LastWriteTimeUtc.Ticks)) : null;
    });

    public IReadOnlyList<DiskChild> List(string folder) => Run<IReadOnlyList<DiskChild>>(folder, () =>
    {
        var children = new List<DiskChild>();
        foreach (FileSystemInfo info in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = 0 }))
        {
            bool isFolder = info.Attributes.HasFlag(FileAttributes.Directory);
            string? target = info.LinkTarget is null ? null : info.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? string.Empty;
            children.Add(new DiskChild(info.Name, isFolder, target));
        }

        return children;
    });

    public void CreateFolder(string path) => Run(path, () => Directory.CreateDirectory(path));

    public void Move(string source, string destination, bool overwrite) => Run(destination, () =>
    {
        if (!overwrite && (File.Exists(destination) || Directory.Exists(destination)))
            throw new StorageException(StorageErrorReason.TargetExists, $"'{destination}' exists already.");
        if (Directory.Exists(source)) Directory.Move(source, destination);
        else File.Move(source, destination, overwrite);
        return true;
    });

    public void Delete(string path) => Run(path, () =>
    {
        var folder = new DirectoryInfo(path);
        if (folder.Exists && folder.LinkTarget is null) folder.Delete(recursive: true);
        else File.Delete(path);
        return true;
    });

    public long FreeBytes(string folder) => Run(folder, () => new DriveInfo(folder).AvailableFreeSpace);

    private static FileInfo Resolve(FileInfo file) =>
        file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;

    private static SafeFileHandle OpenHandle(string path, DiskAccess access) => access switch
    {
        DiskAccess.Read => File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete),
        DiskAccess.Write => File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete),
        _ => File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None),
    };

    private static T Run<T>(string path, Func<T> operation)
    {
        try
        {
            return operation();
        }
        catch (Exception e) when (DiskErrors.IsDiskError(e))
        {
            throw DiskErrors.Translate(e, path);
        }
    }
}
