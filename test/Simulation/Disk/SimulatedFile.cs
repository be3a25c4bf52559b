using CS3103P2P.Peer;

namespace CS3103P2P.Simulation;

/// <summary>An open file of a <see cref="SimulatedDisk"/>; of no use after the program that opened it died.</summary>
internal sealed class SimulatedFile(SimulatedDisk disk, string path, SimulatedInode inode, bool isLock) : IDiskFile
{
    private const string PartialSuffix = ".p2p-part";
    private readonly int _epoch = disk.Epoch;

    public FileStamp Stamp => new(inode.Length, inode.ChangedTicks);

    public void SetLength(long length)
    {
        disk.BeforeWrite(path, _epoch, length - inode.Length);
        inode.SetLength(length, disk.Ticks);
    }

    public int Read(Span<byte> buffer, long offset)
    {
        disk.ThrowIfDead(_epoch);
        return inode.Read(buffer, offset);
    }

    public void Write(ReadOnlySpan<byte> data, long offset)
    {
        disk.BeforeWrite(path, _epoch, offset + data.Length - inode.Length);
        inode.Write(data, offset, disk.Ticks);
    }

    public void Flush()
    {
        disk.ThrowIfDead(_epoch);
        disk.ThrowIfFailing(path);
        if (disk.SkipsDataFlushes && path.Contains(PartialSuffix, StringComparison.Ordinal)) return;
        inode.Flush();
    }

    public void Dispose()
    {
        if (isLock && _epoch == disk.Epoch) disk.Unlock(inode);
    }
}
