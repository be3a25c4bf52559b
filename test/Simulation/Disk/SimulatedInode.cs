namespace CS3103P2P.Simulation;

/// <summary>The bytes of a file: as the kernel sees them, and what the platters hold.</summary>
internal sealed class SimulatedInode(byte[] content, long changedTicks)
{
    private const int SectorBytes = 512;
    private readonly List<(long Offset, byte[] Data)> _unsynced = [];
    private byte[] _bytes = content;
    private byte[] _durable = content;
    private bool _isDurableOwn;

    public long Length => _bytes.Length;

    public long ChangedTicks { get; private set; } = changedTicks;

    public bool Holds(ReadOnlySpan<byte> content) => content.SequenceEqual(_bytes);

    public int Read(Span<byte> buffer, long offset)
    {
        if (offset >= _bytes.Length) return 0;
        int count = (int)Math.Min(buffer.Length, _bytes.Length - offset);
        _bytes.AsSpan((int)offset, count).CopyTo(buffer);
        return count;
    }

    public void Write(ReadOnlySpan<byte> data, long offset, long ticks)
    {
        if (data.IsEmpty) return;
        Own();
        if (offset + data.Length > _bytes.Length) Array.Resize(ref _bytes, (int)offset + data.Length);
        data.CopyTo(_bytes.AsSpan((int)offset));
        _unsynced.Add((offset, data.ToArray()));
        ChangedTicks = ticks;
    }

    public void SetLength(long length, long ticks)
    {
        Own();
        Array.Resize(ref _bytes, (int)length);
        _unsynced.Add((length, []));
        ChangedTicks = ticks;
    }

    public void Flush()
    {
        if (_unsynced.Count == 0) return;
        if (_isDurableOwn) ApplyUnsynced();
        else _durable = [.. _bytes];
        _isDurableOwn = true;
        _unsynced.Clear();
    }

    /// <summary>Keeps what was flushed, and of each later write all, its first sectors, or nothing.</summary>
    public void LosePower(Random random)
    {
        byte[] bytes = [.. _durable];
        foreach ((long offset, byte[] data) in _unsynced)
        {
            int fate = random.Next(3);
            if (fate == 0) continue;
            if (data.Length == 0)
            {
                Array.Resize(ref bytes, (int)offset);
                continue;
            }

            int kept = fate == 1 ? data.Length : Math.Min(data.Length, SectorBytes * random.Next(1 + (data.Length / SectorBytes)));
            if (kept == 0) continue;
            if (offset + kept > bytes.Length) Array.Resize(ref bytes, (int)offset + kept);
            data.AsSpan(0, kept).CopyTo(bytes.AsSpan((int)offset));
        }

        _bytes = bytes;
        _durable = bytes;
        _isDurableOwn = true;
        _unsynced.Clear();
    }

    private void ApplyUnsynced()
    {
        foreach ((long offset, byte[] data) in _unsynced)
        {
            if (data.Length == 0) Array.Resize(ref _durable, (int)offset);
            else if (offset + data.Length > _durable.Length) Array.Resize(ref _durable, (int)offset + data.Length);
            data.CopyTo(_durable.AsSpan((int)offset));
        }
    }

    // The two share their bytes until one of them changes.
    private void Own()
    {
        if (ReferenceEquals(_bytes, _durable)) _bytes = [.. _durable];
    }
}
