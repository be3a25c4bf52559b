namespace CS3103P2P.Transport.Utp;

/// <summary>Buffers for packets that arrived ahead of their turn, shared by the connections of one machine. Not thread-safe.</summary>
internal sealed class BlockPool
{
    private const int MaxIdleBytesPerClass = 4 * 1024 * 1024;

    // Powers of two from 2 KiB, which holds a datagram of an Ethernet, to 64 KiB, which holds every datagram.
    private const int SmallestShift = 11;
    private const int LargestShift = 16;
    private readonly Stack<byte[]>[] _idle = CreateClasses();

    public byte[] Rent(int bytes)
    {
        int shift = ShiftFor(bytes);
        return _idle[shift - SmallestShift].TryPop(out byte[]? block) ? block : new byte[1 << shift];
    }

    public void Return(byte[] block)
    {
        int shift = ShiftFor(block.Length);
        Stack<byte[]> idle = _idle[shift - SmallestShift];
        if (idle.Count < MaxIdleBytesPerClass >> shift) idle.Push(block);
    }

    private static int ShiftFor(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, 1 << LargestShift);
        int shift = SmallestShift;
        while (1 << shift < bytes) shift++;
        return shift;
    }

    private static Stack<byte[]>[] CreateClasses()
    {
        var classes = new Stack<byte[]>[LargestShift - SmallestShift + 1];
        for (int i = 0; i < classes.Length; i++) classes[i] = new Stack<byte[]>();
        return classes;
    }
}
