using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>
/// Buffers of one size: for the chunks of a download, or for what a node's connections send. The one used last is given out first, since it is most likely in the processor's cache.
/// The system's shared pool keeps too few of this size, and a disk takes bytes straight from a buffer only when that begins at a page. Thread-safe.
/// </summary>
/// <param name="bufferBytes">The size of each.</param>
/// <param name="maxSpareBytes">Most bytes kept for later.</param>
/// <param name="firstBuffers">How many to make when the first is needed; others one by one.</param>
internal sealed class ChunkBufferPool(int bufferBytes, long maxSpareBytes, int firstBuffers)
{
    private readonly Lock _gate = new();
    private readonly Stack<Memory<byte>> _spare = new(firstBuffers);
    private bool _isBegun;

    /// <summary>How much is kept for later.</summary>
    public TableUse Use
    {
        get
        {
            lock (_gate) return new TableUse("bytes of spare buffers", (long)_spare.Count * bufferBytes, maxSpareBytes);
        }
    }

    /// <summary>A buffer of at least this length, with any content.</summary>
    public Memory<byte> Rent(int length)
    {
        if (length > bufferBytes) return GC.AllocateUninitializedArray<byte>(length);
        lock (_gate)
        {
            if (!_isBegun) Begin();
            if (_spare.TryPop(out Memory<byte> buffer)) return buffer;
        }

        return AlignedMemory.Allocate(bufferBytes);
    }

    public void Return(Memory<byte> buffer)
    {
        if (buffer.Length != bufferBytes) return;
        lock (_gate)
        {
            if ((long)(_spare.Count + 1) * bufferBytes <= maxSpareBytes) _spare.Push(buffer);
        }
    }

    private void Begin()
    {
        _isBegun = true;
        if (firstBuffers == 0) return;
        Memory<byte> all = AlignedMemory.Allocate(firstBuffers * bufferBytes);
        for (int i = 0; i < firstBuffers; i++) _spare.Push(all.Slice(i * bufferBytes, bufferBytes));
    }
}
