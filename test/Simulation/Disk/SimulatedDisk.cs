using CS3103P2P.Peer;

namespace CS3103P2P.Simulation;

/// <summary>
/// A disk in memory. What was not flushed may be lost, whole or torn, when the power fails; it can be full or fail. Names are durable at once.
/// </summary>
internal sealed class SimulatedDisk(VirtualTime time, Random random) : IDisk
{
    private const long TicksPerMicrosecond = 10;
    private readonly Dictionary<string, SimulatedInode> _files = new(StringComparer.Ordinal);
    private readonly HashSet<string> _folders = new(StringComparer.Ordinal) { "/" };
    private readonly HashSet<SimulatedInode> _locked = [];

    /// <summary>Told of each path that is written, made, renamed or deleted.</summary>
    public Action<string>? OnChange { get; set; }

    public long CapacityBytes { get; set; } = long.MaxValue;

    /// <summary>How often a write or flush fails; 0 to 1.</summary>
    public double Failures { get; set; }

    /// <summary>A planted bug: what was written to partial files counts as flushed before it is.</summary>
    public bool SkipsDataFlushes { get; set; }

    /// <summary>Which start of the host this is: what was opened before the last crash is dead.</summary>
    public int Epoch { get; private set; }

    public long UsedBytes => _files.Values.Sum(file => file.Length);

    /// <summary>The program dies: what it wrote stays, its handles are gone.</summary>
    public void KillProcess()
    {
        Epoch++;
        _locked.Clear();
    }

    /// <summary>The power fails: each write since the last flush is kept, torn or lost.</summary>
    public void CutPower()
    {
        KillProcess();
        foreach (string path in _files.Keys.Order(StringComparer.Ordinal)) _files[path].LosePower(random);
    }

    /// <summary>Puts a file there that was always there.</summary>
    public void Install(string path, byte[] content)
    {
        CreateFolder(Path.GetDirectoryName(path)!);
        _files[path] = new SimulatedInode(content, Ticks);
    }

    /// <summary>Whether a file is there and holds this.</summary>
    public bool Holds(string path, ReadOnlySpan<byte> content) => _files.TryGetValue(path, out SimulatedInode? file) && file.Holds(content);

    public IDiskFile Open(string path, DiskAccess access)
    {
        if (!_files.TryGetValue(path, out SimulatedInode? inode))
        {
            if (access == DiskAccess.Read) throw new StorageException(StorageErrorReason.NotFound, $"'{path}' does not exist.");
            if (!_folders.Contains(Path.GetDirectoryName(path)!)) throw new StorageException(StorageErrorReason.NotFound, $"The folder of '{path}' does not exist.");
            OnChange?.Invoke(path);
            _files.Add(path, inode = new SimulatedInode([], Ticks));
        }

        if (access != DiskAccess.Read && _locked.Contains(inode)) throw new StorageException(StorageErrorReason.InUse, $"'{path}' is in use.");
        if (access == DiskAccess.Exclusive) _locked.Add(inode);
        return new SimulatedFile(this, path, inode, isLock: access == DiskAccess.Exclusive);
    }

    public DiskEntry? Find(string path) =>
        _files.TryGetValue(path, out SimulatedInode? file) ? new DiskEntry(false, new FileStamp(file.Length, file.ChangedTicks))
        : _folders.Contains(path) ? new DiskEntry(true, new FileStamp(0, 0)) : null;

    public IReadOnlyList<DiskChild> List(string folder) =>
    [
        .. _files.Keys.Where(path => Path.GetDirectoryName(path) == folder).Order(StringComparer.Ordinal).Select(path => new DiskChild(Path.GetFileName(path), false, null)),
        .. _folders.Where(path => Path.GetDirectoryName(path) == folder).Order(StringComparer.Ordinal).Select(path => new DiskChild(Path.GetFileName(path), true, null)),
    ];

    public void CreateFolder(string path)
    {
        for (string? at = path; at is not null && _folders.Add(at); at = Path.GetDirectoryName(at)) OnChange?.Invoke(at);
    }

    public void Move(string source, string destination, bool overwrite)
    {
        OnChange?.Invoke(source);
        OnChange?.Invoke(destination);
        if (!overwrite && Find(destination) is not null) throw new StorageException(StorageErrorReason.TargetExists, $"'{destination}' exists already.");
        if (_files.Remove(source, out SimulatedInode? inode))
        {
            _files[destination] = inode;
            return;
        }

        if (!_folders.Contains(source)) throw new StorageException(StorageErrorReason.NotFound, $"'{source}' does not exist.");
        foreach (string path in Below(_files.Keys, source))
        {
            _files.Remove(path, out inode);
            _files[destination + path[source.Length..]] = inode!;
        }

        foreach (string path in Below(_folders, source))
        {
            _folders.Remove(path);
            _folders.Add(destination + path[source.Length..]);
        }
    }

    public void Delete(string path)
    {
        OnChange?.Invoke(path);
        foreach (string file in Below(_files.Keys, path)) _files.Remove(file);
        foreach (string folder in Below(_folders, path)) _folders.Remove(folder);
    }

    public long FreeBytes(string folder) => Math.Max(0, CapacityBytes - UsedBytes);

    internal long Ticks => time.Now.Micros * TicksPerMicrosecond;

    internal void Unlock(SimulatedInode inode) => _locked.Remove(inode);

    internal void BeforeWrite(string path, int epoch, long growth)
    {
        ThrowIfDead(epoch);
        OnChange?.Invoke(path);
        if (growth > 0 && UsedBytes + growth > CapacityBytes) throw new StorageException(StorageErrorReason.DiskFull, "The disk is full.");
        ThrowIfFailing(path);
    }

    internal void ThrowIfDead(int epoch)
    {
        if (epoch != Epoch) throw new StorageException(StorageErrorReason.IoError, "The program that opened this is dead.");
    }

    internal void ThrowIfFailing(string path)
    {
        if (Failures > 0 && random.NextDouble() < Failures) throw new StorageException(StorageErrorReason.IoError, $"'{path}' failed.");
    }

    private static string[] Below(IEnumerable<string> paths, string path) =>
        [.. paths.Where(other => other == path || other.StartsWith(path + "/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
}
