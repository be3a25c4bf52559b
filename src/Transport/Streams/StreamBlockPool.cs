namespace CS3103P2P.Transport;

/// <summary>
/// The blocks of which <see cref="SpscByteBuffer"/>s are made: taken by producers, given back by consumers, on whichever thread. The
/// system's shared pool keeps too few of this size for one fast stream.
/// </summary>
internal sealed class StreamBlockPool
{
    public const int BlockBytes = 64 * 1024;
    private const int MaxIdleBlocks = 256;

    private readonly Stack<byte[]> _idle = new();
    private readonly Lock _gate = new();

    public byte[] Rent()
    {
        lock (_gate)
        {
            if (_idle.TryPop(out byte[]? block)) return block;
        }

        return GC.AllocateUninitializedArray<byte>(BlockBytes);
    }

    public void Return(byte[] block)
    {
        lock (_gate)
        {
            if (_idle.Count < MaxIdleBlocks) _idle.Push(block);
        }
    }
}
