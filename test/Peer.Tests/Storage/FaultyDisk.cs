using System.Collections.Concurrent;

namespace CS3103P2P.Peer.Tests;

/// <summary>The local disk, with failures injected by a test. Hooks get the path and may throw.</summary>
internal sealed class FaultyDisk : IDisk
{
    private readonly LocalDisk _disk = new();
    private readonly ConcurrentDictionary<string, IDiskFile> _lastOpened = [];

    internal Action<string>? OnWrite { get; set; }

    internal Action<string>? OnFlush { get; set; }

    internal Action<string>? OnMove { get; set; }

    internal long? Free { get; set; }

    public IDiskFile Open(string path, DiskAccess access)
    {
        var file = new FaultyFile(this, path, _disk.Open(path, access));
        _lastOpened[path] = file;
        return file;
    }

    /// <summary>What a file that is open holds now; a lock does not hinder its owner.</summary>
    internal byte[] Snapshot(string path)
    {
        IDiskFile file = _lastOpened[path];
        byte[] bytes = new byte[file.Stamp.Length];
        Assert.AreEqual(bytes.Length, file.Read(bytes, 0));
        return bytes;
    }

    public DiskEntry? Find(string path) => _disk.Find(path);

    public IReadOnlyList<DiskChild> List(string folder) => _disk.List(folder);

    public void CreateFolder(string path) => _disk.CreateFolder(path);

    public void Move(string source, string destination, bool overwrite)
    {
        OnMove?.Invoke(source);
        _disk.Move(source, destination, overwrite);
    }

    public void Delete(string path) => _disk.Delete(path);

    public long FreeBytes(string folder) => Free ?? _disk.FreeBytes(folder);

    private sealed class FaultyFile(FaultyDisk disk, string path, IDiskFile file) : IDiskFile
    {
        public FileStamp Stamp => file.Stamp;

        public void SetLength(long length) => file.SetLength(length);

        public int Read(Span<byte> buffer, long offset) => file.Read(buffer, offset);

        public void Write(ReadOnlySpan<byte> data, long offset)
        {
            disk.OnWrite?.Invoke(path);
            file.Write(data, offset);
        }

        // Not passed on: no test outlives the kernel, and syncing is what takes long.
        public void Flush() => disk.OnFlush?.Invoke(path);

        public void Dispose() => file.Dispose();
    }
}
