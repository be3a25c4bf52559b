using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CS3103P2P.Protocol;

namespace CS3103P2P.Transport;

/// <summary>
/// The memory of sendmmsg(2): replies to several peers that leave by one system call. They stand close together, so that they stay in the processor's cache.
/// </summary>
internal sealed unsafe class LinuxReplyBatch
{
    private const int Slots = 32;
    private const int LongestReply = DatagramLoop.TransmitBufferBytes;
    private const int ArenaBytes = 2 * LongestReply;
    private const int Alignment = 64;
    private const int NameBytes = 32;
    private const int Flags = LinuxNative.MsgDontWait | LinuxNative.MsgNoSignal;

    private readonly int _descriptor;
    private readonly bool _v6;
    private readonly byte[] _arena = GC.AllocateUninitializedArray<byte>(ArenaBytes, pinned: true);
    private readonly byte[] _names = GC.AllocateArray<byte>(Slots * NameBytes, pinned: true);
    private readonly IoVector[] _vectors = GC.AllocateArray<IoVector>(Slots, pinned: true);
    private readonly MultiMessageHeader[] _headers = GC.AllocateArray<MultiMessageHeader>(Slots, pinned: true);
    private int _count;
    private int _sent;
    private int _writeAt;

    public LinuxReplyBatch(int descriptor, AddressFamily family)
    {
        _descriptor = descriptor;
        _v6 = family == AddressFamily.InterNetworkV6;
        SocketAddress name = SocketAddressCodec.Create(family);
        int nameBytes = _v6 ? SocketAddressCodec.SizeV6 : SocketAddressCodec.SizeV4;
        for (int i = 0; i < Slots; i++)
        {
            name.Buffer.Span[..nameBytes].CopyTo(_names.AsSpan(i * NameBytes));
            _headers[i].Header.Name = (byte*)Unsafe.AsPointer(ref _names[i * NameBytes]);
            _headers[i].Header.NameLength = (uint)nameBytes;
            _headers[i].Header.Vectors = (IoVector*)Unsafe.AsPointer(ref _vectors[i]);
            _headers[i].Header.VectorCount = 1;
        }
    }

    /// <summary>Whether the kernel had no room for some.</summary>
    public bool IsBlocked { get; private set; }

    /// <summary>The memory of the next reply; empty when <see cref="Flush"/> must come first.</summary>
    public Span<byte> Space => _count == Slots || _writeAt + LongestReply > ArenaBytes ? default : _arena.AsSpan(_writeAt, LongestReply);

    /// <summary>Adds what was written to <see cref="Space"/>; false when there is no such destination for this socket.</summary>
    public bool TryAdd(TransportAddress destination, int bytes)
    {
        if (!SocketAddressCodec.TryWrite(destination, _v6, _names.AsSpan(_count * NameBytes, NameBytes))) return false;
        _vectors[_count++] = new IoVector { Base = (byte*)Unsafe.AsPointer(ref _arena[_writeAt]), Length = (nuint)bytes };
        _writeAt = (_writeAt + bytes + Alignment - 1) & -Alignment;
        return true;
    }

    /// <summary>Sends them. What the kernel refuses is lost; what it has no room for stays until the next call (<see cref="IsBlocked"/>).</summary>
    public void Flush(DatagramCounters counters)
    {
        IsBlocked = false;
        var headers = (MultiMessageHeader*)Unsafe.AsPointer(ref _headers[0]);
        while (_sent < _count)
        {
            int count = LinuxNative.SendMany(_descriptor, headers + _sent, (uint)(_count - _sent), Flags);
            int error = count < 0 ? Marshal.GetLastPInvokeError() : 0;
            if (error == LinuxNative.Eagain)
            {
                IsBlocked = true;
                return;
            }

            if (error == LinuxNative.Eintr) continue;
            for (int i = 0; i < count; i++) counters.CountSent(1, (int)_vectors[_sent + i].Length);
            if (count < 0) counters.CountSendsDropped(1);
            _sent += Math.Abs(count);   // of one that is refused, the call says -1
        }

        (_count, _sent, _writeAt) = (0, 0, 0);
    }
}
