using CS3103P2P.Protocol;

namespace CS3103P2P.Tracker.Snapshots;

/// <summary>The chunks of an entry in a snapshot, checked already.</summary>
internal ref struct SnapshotRuns(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    /// <summary>Reads the next run; false when there is none.</summary>
    public bool TryRead(out ChunkRange run)
    {
        run = default;
        if (!TryNumber(_bytes, ref _at, out ulong first) || !TryNumber(_bytes, ref _at, out ulong count)) return false;
        run = new ChunkRange((int)first, (int)count);
        return true;
    }

    /// <summary>Reads a number of one to ten bytes, seven bits each, the lowest first.</summary>
    public static bool TryNumber(ReadOnlySpan<byte> bytes, ref int at, out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 64 && at < bytes.Length; shift += 7)
        {
            byte b = bytes[at++];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return shift < 63 || b <= 1;
        }

        return false;
    }
}
