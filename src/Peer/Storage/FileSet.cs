namespace CS3103P2P.Peer;

/// <summary>
/// The files of a share, opened when needed and at most <see cref="MaxOpenFiles"/> at a time. Thread-safe: a file stays open while a lease on it
/// is held, and the whole set can be moved when no lease is.
/// </summary>
internal sealed class FileSet(IDisk disk, string root, IReadOnlyList<string> relativePaths, DiskAccess access) : IDisposable
{
    /// <summary>Files kept open at a time, except that every leased file is open.</summary>
    internal const int MaxOpenFiles = 128;

    private readonly Lock _gate = new();
    private readonly Dictionary<int, OpenFile> _open = [];
    private readonly ReaderWriterLockSlim _moving = new(LockRecursionPolicy.SupportsRecursion);
    private string _root = root;
    private DiskAccess _access = access;
    private long _uses;
    private bool _disposed;

    /// <summary>The folder that contains the files, or for a single file its own path.</summary>
    internal string Root => _root;

    /// <summary>The path of a file; an empty relative path is the root itself.</summary>
    internal string PathOf(int file) =>
        relativePaths[file].Length == 0 ? _root : Path.Combine(_root, relativePaths[file].Replace('/', Path.DirectorySeparatorChar));

    /// <summary>Opens the file or takes the open one; to be disposed on the same thread.</summary>
    /// <exception cref="StorageException">It cannot be opened.</exception>
    /// <exception cref="ObjectDisposedException">The set was disposed.</exception>
    internal Lease Rent(int file)
    {
        _moving.EnterReadLock();
        try
        {
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                if (!_open.TryGetValue(file, out OpenFile? open))
                {
                    MakeRoom();
                    open = new OpenFile(disk.Open(PathOf(file), _access));
                    _open.Add(file, open);
                }

                open.Leases++;
                open.LastUse = ++_uses;
                return new Lease(this, open);
            }
        }
        catch
        {
            _moving.ExitReadLock();
            throw;
        }
    }

    /// <summary>Closes all files, moves them by <paramref name="move"/>, and finds them under their new root from then on, to read only.</summary>
    internal void Relocate(string newRoot, Action move)
    {
        _moving.EnterWriteLock();
        try
        {
            CloseAll();
            move();
            _root = newRoot;
            _access = DiskAccess.Read;
        }
        finally
        {
            _moving.ExitWriteLock();
        }
    }

    public void Dispose()
    {
        _moving.EnterWriteLock();
        try
        {
            _disposed = true;
            CloseAll();
        }
        finally
        {
            _moving.ExitWriteLock();
        }
    }

    private void CloseAll()
    {
        lock (_gate)
        {
            foreach (OpenFile open in _open.Values) open.File.Dispose();
            _open.Clear();
        }
    }

    private void MakeRoom()
    {
        if (_open.Count < MaxOpenFiles) return;
        KeyValuePair<int, OpenFile>? oldest = null;
        foreach (KeyValuePair<int, OpenFile> candidate in _open)
        {
            if (candidate.Value.Leases == 0 && (oldest is null || candidate.Value.LastUse < oldest.Value.Value.LastUse)) oldest = candidate;
        }

        if (oldest is null) return;
        _open.Remove(oldest.Value.Key);
        oldest.Value.Value.File.Dispose();
    }

    private void Return(OpenFile open)
    {
        lock (_gate) open.Leases--;
        _moving.ExitReadLock();
    }

    /// <summary>The use of an open file.</summary>
    internal readonly ref struct Lease
    {
        private readonly FileSet _set;
        private readonly OpenFile _open;

        internal Lease(FileSet set, OpenFile open) => (_set, _open) = (set, open);

        /// <summary>The file; not to be disposed.</summary>
        internal IDiskFile File => _open.File;

        public void Dispose() => _set.Return(_open);
    }

    internal sealed class OpenFile(IDiskFile file)
    {
        internal IDiskFile File { get; } = file;

        internal int Leases { get; set; }

        internal long LastUse { get; set; }
    }
}
