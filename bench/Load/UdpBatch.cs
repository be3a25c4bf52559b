using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CS3103P2P.Bench.Load;

/// <summary>A connected UDP socket that sends and receives many datagrams a system call, so that the load costs less than what it loads. Linux alone.</summary>
internal sealed unsafe partial class UdpBatch : IDisposable
{
    public const int Slots = 64;
    private const int SlotBytes = 2_048;
    private const int WaitForOne = 0x10000;
    private const int TimeoutMillis = 20;

    private readonly Socket _socket;
    private readonly Side _in = new();
    private readonly Side _out = new();

    public UdpBatch(IPEndPoint server)
    {
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
        {
            ReceiveBufferSize = 4 << 20,
            SendBufferSize = 4 << 20,
            ReceiveTimeout = TimeoutMillis,
        };
        _socket.Connect(server);
    }

    /// <summary>How many datagrams wait to be sent.</summary>
    public int Pending { get; private set; }

    /// <summary>The memory of the next datagram to send.</summary>
    public Span<byte> Next => _out.Memory(Pending);

    /// <summary>Adds what was written to <see cref="Next"/>.</summary>
    public void Add(int bytes)
    {
        _out.SetLength(Pending++, bytes);
        if (Pending == Slots) Flush();
    }

    public void Flush()
    {
        for (int sent = 0; sent < Pending;)
        {
            int count = SendMany((int)_socket.Handle, _out.Headers + sent, (uint)(Pending - sent), 0);
            if (count < 0) break;   // an ICMP error of an earlier datagram; what is lost is asked again
            sent += count;
        }

        Pending = 0;
    }

    /// <summary>Waits for datagrams, a short while; how many came.</summary>
    public int Receive()
    {
        _in.ResetLengths(SlotBytes);
        return Math.Max(0, ReceiveMany((int)_socket.Handle, _in.Headers, Slots, WaitForOne, null));
    }

    public ReadOnlySpan<byte> Received(int slot) => _in.Memory(slot)[..(int)_in.Headers[slot].Length];

    public void Dispose() => _socket.Dispose();

    [LibraryImport("libc", EntryPoint = "sendmmsg")]
    private static partial int SendMany(int socket, Header* messages, uint count, int flags);

    [LibraryImport("libc", EntryPoint = "recvmmsg")]
    private static partial int ReceiveMany(int socket, Header* messages, uint count, int flags, void* timeout);

    private struct Vector
    {
        public byte* Base;
        public nuint Length;
    }

#pragma warning disable CS0649 // some of them only the kernel writes, and some nobody does
    // mmsghdr of <sys/socket.h> on 64-bit Linux.
    private struct Header
    {
        public byte* Name;
        public ulong NameLength;
        public Vector* Vectors;
        public nuint VectorCount;
        public byte* Control;
        public nuint ControlLength;
        public ulong Flags;
        public ulong Length;
    }
#pragma warning restore CS0649

    private sealed class Side
    {
        private readonly byte[] _bytes = GC.AllocateArray<byte>(Slots * SlotBytes, pinned: true);
        private readonly Vector[] _vectors = GC.AllocateArray<Vector>(Slots, pinned: true);
        private readonly Header[] _headers = GC.AllocateArray<Header>(Slots, pinned: true);

        public Side()
        {
            for (int i = 0; i < Slots; i++)
            {
                _vectors[i] = new Vector { Base = (byte*)Unsafe.AsPointer(ref _bytes[i * SlotBytes]), Length = SlotBytes };
                _headers[i] = new Header { Vectors = (Vector*)Unsafe.AsPointer(ref _vectors[i]), VectorCount = 1 };
            }
        }

        public Header* Headers => (Header*)Unsafe.AsPointer(ref _headers[0]);

        public Span<byte> Memory(int slot) => _bytes.AsSpan(slot * SlotBytes, SlotBytes);

        public void SetLength(int slot, int bytes) => _vectors[slot].Length = (nuint)bytes;

        public void ResetLengths(int bytes)
        {
            for (int i = 0; i < Slots; i++) _vectors[i].Length = (nuint)bytes;
        }
    }
}
