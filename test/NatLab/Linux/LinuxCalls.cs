using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace CS3103P2P.NatLab;

/// <summary>The few system calls that .NET does not offer.</summary>
internal static partial class LinuxCalls
{
    public const int CloneNewNet = 0x40000000;
    public const int OpenReadOnly = 0;
    public const int OpenReadWrite = 2;
    public const int OpenNonBlocking = 0x800;
    public const int OpenCloseOnExec = 0x80000;
    public const nuint TunSetInterface = 0x400454ca;
    public const short TapDevice = 0x0002;
    public const short NoPacketInfo = 0x1000;
    public const short PollIn = 1;
    public const int TryAgain = 11;

    [StructLayout(LayoutKind.Sequential)]
    public struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short ReturnedEvents;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenDescriptor(string path, int flags);

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    public static partial int SetNamespace(SafeFileHandle file, int kind);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int DeviceControl(SafeFileHandle file, nuint request, Span<byte> argument);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(SafeFileHandle file, Span<byte> buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(SafeFileHandle file, ReadOnlySpan<byte> buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventDescriptor(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "ppoll", SetLastError = true)]
    private static unsafe partial int PollDescriptors(PollDescriptor* descriptors, nuint count, TimeSpec* timeout, void* signals);

    public static SafeFileHandle Open(string path, int flags) => Own(OpenDescriptor(path, flags | OpenCloseOnExec), path);

    /// <summary>A descriptor that becomes readable once eight bytes are written to it.</summary>
    public static SafeFileHandle CreateEvent() => Own(EventDescriptor(0, OpenCloseOnExec | OpenNonBlocking), "eventfd");

    /// <summary>Waits until a descriptor is readable, at most <paramref name="timeoutNanos"/> (negative: for ever).</summary>
    public static unsafe void Poll(Span<PollDescriptor> descriptors, long timeoutNanos)
    {
        TimeSpec limit = new() { Seconds = (nint)(timeoutNanos / 1_000_000_000), Nanoseconds = (nint)(timeoutNanos % 1_000_000_000) };
        fixed (PollDescriptor* first = descriptors)
        {
            _ = PollDescriptors(first, (nuint)descriptors.Length, timeoutNanos < 0 ? null : &limit, null);
        }
    }

    private static SafeFileHandle Own(int descriptor, string what) => descriptor >= 0
        ? new SafeFileHandle(descriptor, ownsHandle: true)
        : throw new IOException($"{what}: error {Marshal.GetLastPInvokeError()}.");
}
