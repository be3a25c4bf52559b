using CS3103P2P.Tracker.Registry;

namespace CS3103P2P.Tracker.Snapshots;

/// <summary>
/// Which contents stand in the present block already, so that those who have the same take two bytes. Of contents whose names hash alike it knows the
/// last: the others are written again, which costs room only.
/// </summary>
internal sealed class ContentTable
{
    private const int Slots = 4_096;   // a power of two

    private readonly Slot[] _slots = new Slot[Slots];
    private int _block = 1;
    private int _count;
    private long _shift;

    /// <summary>The number of a content in this block; -1 when it is not there.</summary>
    public int IndexOf(byte[] buffer, ReadOnlySpan<byte> name, in ContentDescription? content)
    {
        ref readonly Slot slot = ref _slots[SlotOf(name)];
        bool isSame = slot.Block == _block && slot.NameLength == name.Length && slot.Content == content
            && buffer.AsSpan((int)(slot.NameEnd - _shift) - name.Length, name.Length).SequenceEqual(name);
        return isSame ? slot.Number : -1;
    }

    /// <summary>Notes a content that was just written.</summary>
    /// <param name="nameEnd">Where its name ends in the buffer.</param>
    /// <param name="name">Its name.</param>
    /// <param name="content">What it is.</param>
    public void Add(int nameEnd, ReadOnlySpan<byte> name, in ContentDescription? content) =>
        _slots[SlotOf(name)] = new Slot(_block, _count++, nameEnd + _shift, name.Length, content);

    /// <summary>The buffer's content moved towards its beginning.</summary>
    public void Move(int bytes) => _shift += bytes;

    /// <summary>Another block begins.</summary>
    public void Clear()
    {
        _block++;
        _count = 0;
    }

    private static int SlotOf(ReadOnlySpan<byte> name) => (int)(SnapshotFormat.Checksum(0, name) & (Slots - 1));

    private readonly record struct Slot(int Block, int Number, long NameEnd, int NameLength, ContentDescription? Content);
}
