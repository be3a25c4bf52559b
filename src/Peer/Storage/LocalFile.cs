using Microsoft.Win32.SafeHandles;

namespace CS3103P2P.Peer;

/// <summary>
/// A file of this machine. Large aligned writes go straight to the disk where the system can do that: that spares the copy to the system's cache, its pages,
/// and the lock that lets one write at a time into the cache of a file, and syncing finds little left to do.
/// </summary>
/// <param name="path">For messages.</param>
/// <param name="handle">The open file; closed with this.</param>
/// <param name="canBypassCache">Whether large writes may go straight to the disk.</param>
internal sealed class LocalFile(string path, SafeFileHandle handle, bool canBypassCache) : IDiskFile
{
    // Less is not worth waiting for the disk.
    private const int DirectBytes = 256 * 1024;
    private readonly Lock _gate = new();
    private SafeFileHandle? _direct;
    private volatile bool _isDirectTried;

    public FileStamp Stamp
    {
        get
        {
            try
            {
                return new FileStamp(RandomAccess.GetLength(handle), File.GetLastWriteTimeUtc(handle).Ticks);
            }
            catch (Exception e) when (DiskErrors.IsDiskError(e))
            {
                throw DiskErrors.Translate(e, path);
            }
        }
    }

    public void SetLength(long length)
    {
        try
        {
            RandomAccess.SetLength(handle, length);
        }
        catch (Exception e) when (DiskErrors.IsDiskError(e))
        {
            throw DiskErrors.Translate(e, path);
        }
    }

    public int Read(Span<byte> buffer, long offset)
    {
        try
        {
            int total = 0;
            while (total < buffer.Length)
            {
                int read = RandomAccess.Read(handle, buffer[total..], offset + total);
                if (read == 0) break;
                total += read;
            }

            return total;
        }
        catch (Exception e) when (DiskErrors.IsDiskError(e))
        {
            throw DiskErrors.Translate(e, path);
        }
    }

    public void Write(ReadOnlySpan<byte> data, long offset)
    {
        try
        {
            if (!TryWriteDirectly(data, offset)) RandomAccess.Write(handle, data, offset);
        }
        catch (Exception e) when (DiskErrors.IsDiskError(e))
        {
            throw DiskErrors.Translate(e, path);
        }
    }

    public void Flush()
    {
        try
        {
            RandomAccess.FlushToDisk(handle);
        }
        catch (Exception e) when (DiskErrors.IsDiskError(e))
        {
            throw DiskErrors.Translate(e, path);
        }
    }

    public void Dispose()
    {
        handle.Dispose();
        _direct?.Dispose();
    }

    // What the disk does not take directly goes by way of the cache; if that cannot be done either, it says why.
    private bool TryWriteDirectly(ReadOnlySpan<byte> data, long offset)
    {
        if (!canBypassCache || data.Length < DirectBytes || !IsWhole(data.Length) || !IsWhole(offset) || !AlignedMemory.IsAligned(data)) return false;
        if (DirectHandle() is not { } direct) return false;
        try
        {
            RandomAccess.Write(direct, data, offset);
            return true;
        }
        catch (Exception e) when (DiskErrors.IsDiskError(e))
        {
            return false;
        }
    }

    private SafeFileHandle? DirectHandle()
    {
        if (_isDirectTried) return _direct;
        lock (_gate)
        {
            if (!_isDirectTried) _direct = DirectAccess.TryOpen(handle);
            _isDirectTried = true;
            return _direct;
        }
    }

    private static bool IsWhole(long bytes) => bytes % AlignedMemory.Alignment == 0;
}
