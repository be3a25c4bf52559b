using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace CS3103P2P.NatLab;

/// <summary>An Ethernet device in a namespace whose cable end is this program. It vanishes with the program.</summary>
internal sealed class TapDevice : IDisposable
{
    private const int InterfaceRequestBytes = 40;
    private const int InterfaceNameBytes = 16;

    public TapDevice(NamespaceThread where, string name) => File = where.Run(() =>
    {
        var file = LinuxCalls.Open("/dev/net/tun", LinuxCalls.OpenReadWrite | LinuxCalls.OpenNonBlocking);
        Span<byte> request = stackalloc byte[InterfaceRequestBytes];
        request.Clear();
        Encoding.ASCII.GetBytes(name, request[..InterfaceNameBytes]);
        MemoryMarshal.Write(request[InterfaceNameBytes..], (short)(LinuxCalls.TapDevice | LinuxCalls.NoPacketInfo));
        if (LinuxCalls.DeviceControl(file, LinuxCalls.TunSetInterface, request) == 0) return file;
        int error = Marshal.GetLastPInvokeError();
        file.Dispose();
        throw new IOException($"TUNSETIFF {name}: error {error}.");
    });

    public SafeFileHandle File { get; }

    /// <summary>Length of the frame read, 0 when there is none.</summary>
    public int Read(Span<byte> buffer) => (int)nint.Max(0, LinuxCalls.Read(File, buffer, (nuint)buffer.Length));

    /// <summary>A frame that the device refuses (it is down, or full) is lost, as on any cable.</summary>
    public void Write(ReadOnlySpan<byte> frame) => _ = LinuxCalls.Write(File, frame, (nuint)frame.Length);

    public void Dispose() => File.Dispose();
}
