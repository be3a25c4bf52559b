using System.Runtime.InteropServices;
using CS3103P2P.Protocol;

namespace CS3103P2P.Transport;

/// <summary>
/// The memory of recvmmsg(2): a few slots of 64 KiB, each for a datagram or, with UDP_GRO, for a run of them from one source. The kernel tells the
/// length of a run's datagrams by a control message (cmsg(3)):
/// <code>
/// length:8 = 20   level:4 = SOL_UDP   type:4 = UDP_GRO   segment length:4   padding:4
/// </code>
/// </summary>
internal sealed unsafe class LinuxReceiveBatch
{
    private const int SlotsForRuns = 16;      // 16 x 64 KiB: about 700 datagrams of a bulk transfer
    private const int SlotsForSingles = 32;
    private const int SlotBytes = 65_536;

    // From slot to slot, a little more: at a distance of 64 KiB the first bytes of all slots would share a few places of the processor's cache.
    private const int SlotStride = SlotBytes + 320;
    private const int NameBytes = SocketAddressCodec.SizeV6;
    private const int ControlBytes = 64;
    private const int ControlHeaderBytes = 16;

    private readonly bool _v6;
    private readonly int _slots;
    private readonly byte[] _payloads;
    private readonly byte[] _names;
    private readonly byte[] _controls;
    private readonly IoVector[] _vectors;
    private readonly MultiMessageHeader[] _headers;

    public LinuxReceiveBatch(bool v6, bool runs)
    {
        _v6 = v6;
        _slots = runs ? SlotsForRuns : SlotsForSingles;

        // Untouched pages of these cost no memory: a socket that sees small datagrams uses the first page of each slot.
        _payloads = GC.AllocateUninitializedArray<byte>(_slots * SlotStride, pinned: true);
        _names = GC.AllocateArray<byte>(_slots * NameBytes, pinned: true);
        _controls = GC.AllocateArray<byte>(_slots * ControlBytes, pinned: true);
        _vectors = GC.AllocateArray<IoVector>(_slots, pinned: true);
        _headers = GC.AllocateArray<MultiMessageHeader>(_slots, pinned: true);
        for (int i = 0; i < _slots; i++)
        {
            _vectors[i] = new IoVector { Base = At(_payloads, i * SlotStride), Length = SlotBytes };
            _headers[i].Header.Name = At(_names, i * NameBytes);
            _headers[i].Header.Vectors = (IoVector*)Unsafe(ref _vectors[i]);
            _headers[i].Header.VectorCount = 1;
            _headers[i].Header.Control = At(_controls, i * ControlBytes);
        }
    }

    /// <summary>How many datagrams, or runs of them, one call brings at most.</summary>
    public int Slots => _slots;

    /// <summary>Fills the slots with what has arrived; -1 and the system's error when nothing came.</summary>
    public int Receive(int descriptor)
    {
        for (int i = 0; i < _slots; i++)
        {
            _headers[i].Header.NameLength = NameBytes;
            _headers[i].Header.ControlLength = ControlBytes;
        }

        var headers = (MultiMessageHeader*)Unsafe(ref _headers[0]);
        return LinuxNative.ReceiveMany(descriptor, headers, (uint)_slots, LinuxNative.MsgDontWait, null);
    }

    public ReadOnlySpan<byte> Get(int slot, out TransportAddress source, out int segmentBytes)
    {
        int bytes = (int)_headers[slot].Length;
        source = SocketAddressCodec.Read(_names.AsSpan(slot * NameBytes, NameBytes), _v6);
        segmentBytes = ReadSegmentBytes(_controls.AsSpan(slot * ControlBytes, (int)_headers[slot].Header.ControlLength), bytes);
        return _payloads.AsSpan(slot * SlotStride, bytes);
    }

    private static int ReadSegmentBytes(ReadOnlySpan<byte> control, int whole)
    {
        while (control.Length >= ControlHeaderBytes)
        {
            long length = MemoryMarshal.Read<long>(control);
            if (length < ControlHeaderBytes || length > control.Length) break;
            int level = MemoryMarshal.Read<int>(control[8..]), type = MemoryMarshal.Read<int>(control[12..]);
            if (level == LinuxNative.SolUdp && type == LinuxNative.UdpGro && length >= ControlHeaderBytes + sizeof(int))
            {
                int segment = MemoryMarshal.Read<int>(control[ControlHeaderBytes..]);
                return segment > 0 ? segment : whole;
            }

            int aligned = ((int)length + 7) & ~7;
            if (aligned >= control.Length) break;
            control = control[aligned..];
        }

        return whole;
    }

    private static byte* At(byte[] pinned, int index) => (byte*)Unsafe(ref pinned[index]);

    // The arrays are pinned for life, so the addresses of their elements do not change.
    private static void* Unsafe<T>(ref T element)
        where T : unmanaged => System.Runtime.CompilerServices.Unsafe.AsPointer(ref element);
}
