namespace CS3103P2P.Transport.Utp;

/// <summary>What became of a packet that uses a sequence number.</summary>
internal enum ReceiveResult
{
    /// <summary>It was next in turn; it and what waited for it is in the stream.</summary>
    InOrder,

    /// <summary>It is kept until what is missing before it comes.</summary>
    OutOfOrder,

    /// <summary>It was here before.</summary>
    Duplicate,

    /// <summary>No room, or beyond the window or the end of the stream.</summary>
    Dropped,
}

/// <summary>
/// Puts packets in order: what is next goes to the stream at once, what is ahead waits in a ring indexed by sequence number. Memory is
/// bounded by the stream buffer's capacity: every byte that waits has its place there reserved.
/// </summary>
internal sealed class ReceiveWindow(SpscByteBuffer stream, BlockPool pool)
{
    /// <summary>Room that is never advertised, so that the packet which fills the first gap always fits.</summary>
    public const int ReserveBytes = 64 * 1024;

    /// <summary>Most packets that wait, as a span of sequence numbers.</summary>
    public const int MaxSpan = SendWindow.MaxPackets;

    private const int InitialSpan = 64;
    private const int BitsPerByte = 8;

    private byte[]?[] _blocks = new byte[]?[InitialSpan];
    private int[] _lengths = new int[InitialSpan];
    private byte[] _present = new byte[InitialSpan / BitsPerByte];
    private int _waitingPackets;
    private int _waitingBytes;
    private int _farthest;
    private bool _finSeen;
    private ushort _finSequence;

    /// <summary>The sequence number that is next in turn.</summary>
    public ushort NextSequence { get; private set; }

    /// <summary>Whether everything up to the peer's FIN has arrived.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>Whether packets wait for others: a selective acknowledgement is called for.</summary>
    public bool HasGap => _waitingPackets > 0;

    /// <summary>Bytes that wait for others.</summary>
    public int WaitingBytes => _waitingBytes;

    /// <summary>The window to advertise, in bytes.</summary>
    public uint WindowBytes => (uint)Math.Max(0, FreeBytes - _waitingBytes - ReserveBytes);

    /// <summary>Whether the stream has no reader any more: what arrives is acknowledged and thrown away.</summary>
    public bool IsDiscarding { get; set; }

    private int FreeBytes => IsDiscarding ? stream.CapacityBytes : stream.FreeBytes;

    /// <summary>Sets the sequence number of the first packet to come.</summary>
    public void Start(ushort firstSequence) => NextSequence = firstSequence;

    public ReceiveResult Handle(ushort sequence, ReadOnlySpan<byte> payload, bool isFin)
    {
        int ahead = SequenceNumber.Distance(NextSequence, sequence);
        if (ahead < 0) return ReceiveResult.Duplicate;
        if (ahead >= MaxSpan || !FitsEnd(sequence, isFin)) return ReceiveResult.Dropped;
        if (ahead > 0) return Keep(sequence, ahead, payload, isFin);
        if (FreeBytes - _waitingBytes < payload.Length) return ReceiveResult.Dropped;
        NoteFin(sequence, isFin);
        if (!IsDiscarding) stream.Write(payload);
        Step();
        DeliverWaiting();
        return ReceiveResult.InOrder;
    }

    /// <summary>Writes the selective acknowledgement's mask (BEP 29); returns its length, a multiple of four, or 0 when there is no gap.</summary>
    public int WriteSelectiveAck(Span<byte> mask)
    {
        if (_waitingPackets == 0) return 0;
        // Bit 0 stands for the packet after the missing one: one ahead of NextSequence.
        int bytes = Math.Min((((_farthest - 1) / 32) + 1) * 4, Math.Min(mask.Length & ~3, UtpPacket.MaxSelectiveAckBytes));
        uint indexMask = (uint)_blocks.Length - 1;
        uint first = SequenceNumber.Add(NextSequence, 1);
        int shift = (int)(first & (BitsPerByte - 1));
        uint byteMask = indexMask >> 3;
        uint at = (first & indexMask) >> 3;
        for (int i = 0; i < bytes; i++, at++)
        {
            int pair = _present[at & byteMask] | (_present[(at + 1) & byteMask] << BitsPerByte);
            mask[i] = (byte)(pair >> shift);
        }

        // A ring that is as short as the mask would show its beginning again at the end.
        ClearBeyond(mask[..bytes], _farthest);
        return bytes;
    }

    /// <summary>Gives all buffers back; nothing more will be received.</summary>
    public void Release()
    {
        for (int i = 0; i < _blocks.Length && _waitingPackets > 0; i++)
        {
            if (_blocks[i] is not { } block) continue;
            pool.Return(block);
            _blocks[i] = null;
        }

        Array.Clear(_present);
        _waitingPackets = _waitingBytes = 0;
    }

    private static void ClearBeyond(Span<byte> mask, int bits)
    {
        for (int bit = bits; bit < mask.Length * BitsPerByte; bit++) mask[bit >> 3] &= (byte)~(1 << (bit & 7));
    }

    private bool FitsEnd(ushort sequence, bool isFin)
    {
        if (!_finSeen) return true;
        int past = SequenceNumber.Distance(_finSequence, sequence);
        return past < 0 || (past == 0 && isFin);
    }

    private void NoteFin(ushort sequence, bool isFin)
    {
        if (!isFin) return;
        _finSeen = true;
        _finSequence = sequence;
    }

    private ReceiveResult Keep(ushort sequence, int ahead, ReadOnlySpan<byte> payload, bool isFin)
    {
        if (FreeBytes - _waitingBytes - payload.Length < ReserveBytes) return ReceiveResult.Dropped;
        // A FIN ahead of packets that already wait behind it is a lie.
        if (isFin && ahead < _farthest) return ReceiveResult.Dropped;
        while (ahead >= _blocks.Length) Grow();
        int index = sequence & (_blocks.Length - 1);
        if (IsPresent(index)) return ReceiveResult.Duplicate;
        byte[] block = pool.Rent(payload.Length);
        payload.CopyTo(block);
        _blocks[index] = block;
        _lengths[index] = payload.Length;
        _present[index >> 3] |= (byte)(1 << (index & 7));
        _waitingPackets++;
        _waitingBytes += payload.Length;
        _farthest = Math.Max(_farthest, ahead);
        NoteFin(sequence, isFin);
        return ReceiveResult.OutOfOrder;
    }

    private void DeliverWaiting()
    {
        while (_waitingPackets > 0)
        {
            int index = NextSequence & (_blocks.Length - 1);
            if (!IsPresent(index) || _blocks[index] is not { } block) return;
            if (!IsDiscarding) stream.Write(block.AsSpan(0, _lengths[index]));
            _waitingBytes -= _lengths[index];
            _waitingPackets--;
            _present[index >> 3] &= (byte)~(1 << (index & 7));
            _blocks[index] = null;
            pool.Return(block);
            Step();
        }
    }

    private void Step()
    {
        if (_finSeen && NextSequence == _finSequence) IsFinished = true;
        NextSequence++;
        _farthest = Math.Max(0, _farthest - 1);
    }

    private bool IsPresent(int index) => (_present[index >> 3] & (1 << (index & 7))) != 0;

    private void Grow()
    {
        int oldMask = _blocks.Length - 1;
        int newLength = _blocks.Length * 2;
        var blocks = new byte[]?[newLength];
        int[] lengths = new int[newLength];
        byte[] present = new byte[newLength / BitsPerByte];
        for (int ahead = 1; ahead <= _farthest; ahead++)
        {
            int sequence = SequenceNumber.Add(NextSequence, ahead);
            int from = sequence & oldMask;
            if (!IsPresent(from)) continue;
            int to = sequence & (newLength - 1);
            blocks[to] = _blocks[from];
            lengths[to] = _lengths[from];
            present[to >> 3] |= (byte)(1 << (to & 7));
        }

        _blocks = blocks;
        _lengths = lengths;
        _present = present;
    }
}
