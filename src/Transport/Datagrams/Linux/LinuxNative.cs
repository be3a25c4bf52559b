using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace CS3103P2P.Transport;

/// <summary>iovec of &lt;sys/uio.h&gt;.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    public byte* Base;
    public nuint Length;
}

/// <summary>msghdr of &lt;sys/socket.h&gt; on 64-bit Linux; glibc and musl agree on where the fields stand.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageHeader
{
    public byte* Name;
    public uint NameLength;
    public IoVector* Vectors;
    public nuint VectorCount;
    public byte* Control;
    public nuint ControlLength;
    public int Flags;
}

/// <summary>mmsghdr of recvmmsg(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MultiMessageHeader
{
    public MessageHeader Header;
    public uint Length;
}

/// <summary>pollfd of poll(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollDescriptor
{
    public int Descriptor;
    public short Events;
    public short Returned;
}

/// <summary>timespec of a 64-bit system.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TimeSpec
{
    public long Seconds;
    public long Nanoseconds;
}

/// <summary>The system calls of the batched datagram path, and the numbers that belong to them (generic Linux: x86-64 and arm64).</summary>
internal static unsafe partial class LinuxNative
{
    public const int SolIp = 0, IpMtuDiscover = 10, IpPmtuDiscDont = 0, IpPmtuDiscProbe = 3;
    public const int SolIpv6 = 41, Ipv6MtuDiscover = 23;
    public const int SolSocket = 1, SoReusePort = 15;
    public const int SolUdp = 17, UdpSegment = 103, UdpGro = 104;
    public const int MsgDontWait = 0x40, MsgNoSignal = 0x4000;
    public const short PollIn = 1, PollOut = 4;
    public const int EfdNonBlock = 0x800, EfdCloseOnExec = 0x80000;
    public const int Eintr = 4, Eio = 5, Eagain = 11, Einval = 22, Emsgsize = 90, Enoprotoopt = 92;

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    public static partial int ReceiveMany(int socket, MultiMessageHeader* messages, uint count, int flags, TimeSpec* timeout);

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    public static partial int SendMany(int socket, MultiMessageHeader* messages, uint count, int flags);

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    public static partial nint Send(int socket, MessageHeader* message, int flags);

    [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
    public static partial nint SendTo(int socket, byte* payload, nuint length, int flags, byte* name, uint nameLength);

    [LibraryImport("libc", EntryPoint = "ppoll", SetLastError = true)]
    public static partial int Poll(PollDescriptor* descriptors, nuint count, TimeSpec* timeout, void* signalMask);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetOption(int socket, int level, int name, int* value, uint length);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int CreateEvent(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(SafeFileHandle descriptor, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(SafeFileHandle descriptor, void* buffer, nuint count);

    /// <summary>Sets an option that is one int; the error number, or 0.</summary>
    public static int TrySetOption(int socket, int level, int name, int value) =>
        SetOption(socket, level, name, &value, sizeof(int)) == 0 ? 0 : Marshal.GetLastPInvokeError();
}
