using CS3103P2P.Peer;

namespace CS3103P2P.Fuzz;

/// <summary>A file in memory.</summary>
internal sealed class MemoryFile(byte[] bytes) : IDiskFile
{
    private byte[] _bytes = bytes;

    public FileStamp Stamp => new(_bytes.Length, 0);

    public byte[] ToArray() => [.. _bytes];

    public void SetLength(long length) => Array.Resize(ref _bytes, (int)length);

    public int Read(Span<byte> buffer, long offset)
    {
        if (offset >= _bytes.Length) return 0;
        int count = (int)Math.Min(buffer.Length, _bytes.Length - offset);
        _bytes.AsSpan((int)offset, count).CopyTo(buffer);
        return count;
    }

    public void Write(ReadOnlySpan<byte> data, long offset)
    {
        if (offset + data.Length > _bytes.Length) SetLength(offset + data.Length);
        data.CopyTo(_bytes.AsSpan((int)offset));
    }

    public void Flush()
    {
    }

    public void Dispose()
    {
    }
}
