using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CS3103P2P.Protocol;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Transport;

/// <summary>
/// Sends by sendto(2) and sendmsg(2); a run of datagrams goes out in one call with the control message UDP_SEGMENT (udp(7)):
/// <code>
/// length:8 = 18   level:4 = SOL_UDP   type:4 = UDP_SEGMENT   segment length:2   padding:6
/// </code>
/// </summary>
internal sealed unsafe class LinuxSender
{
    private const int MaxSegmentsPerRun = 64;          // UDP_MAX_SEGMENTS of the kernels before 6.9
    private const int MaxRunBytes = 65_000;
    private const int MaxInterruptions = 16;
    private const int ControlBytes = 24;
    private const int ControlLength = 18;
    private const int Flags = LinuxNative.MsgDontWait | LinuxNative.MsgNoSignal;

    private readonly int _descriptor;
    private readonly bool _v6;
    private readonly ILogger _logger;
    private readonly byte[] _name;
    private readonly int _nameBytes;
    private bool _canSendRuns;

    public LinuxSender(int descriptor, AddressFamily family, bool canSendRuns, ILogger logger)
    {
        _descriptor = descriptor;
        _v6 = family == AddressFamily.InterNetworkV6;
        _canSendRuns = canSendRuns;
        _logger = logger;
        SocketAddress name = SocketAddressCodec.Create(family);
        _nameBytes = _v6 ? SocketAddressCodec.SizeV6 : SocketAddressCodec.SizeV4;
        _name = GC.AllocateArray<byte>(_nameBytes, pinned: true);
        name.Buffer.Span[.._nameBytes].CopyTo(_name);
    }

    public SendOutcome Send(TransportAddress destination, ReadOnlySpan<byte> payload, int segmentBytes, out int bytesTaken)
    {
        bytesTaken = 0;
        if (!SocketAddressCodec.TryWrite(destination, _v6, _name)) return SendOutcome.Dropped;
        bool asRuns = _canSendRuns;
        do
        {
            int segments = asRuns ? Math.Clamp(MaxRunBytes / segmentBytes, 1, MaxSegmentsPerRun) : 1;
            ReadOnlySpan<byte> run = payload.Slice(bytesTaken, Math.Min(segmentBytes * segments, payload.Length - bytesTaken));
            int error = SendOnce(run, segmentBytes);
            if (error == LinuxNative.Eagain) return SendOutcome.WouldBlock;
            if (error != 0 && run.Length > segmentBytes)
            {
                // The run was refused, not the datagrams: each may still go alone.
                asRuns = false;
                if (error is LinuxNative.Eio or LinuxNative.Enoprotoopt) StopRuns(error);
                continue;
            }

            if (error != 0) return SendOutcome.Dropped;
            bytesTaken += run.Length;
        }
        while (bytesTaken < payload.Length);
        return SendOutcome.Sent;
    }

    // EIO: the interface cannot compute checksums, which segmentation needs (udp(7)). It will not learn to.
    private void StopRuns(int error)
    {
        _canSendRuns = false;
        _logger.LogInformation("The interface refuses runs of datagrams (error {Error}); they go one by one.", error);
    }

    private int SendOnce(ReadOnlySpan<byte> run, int segmentBytes)
    {
        fixed (byte* payload = run)
        {
            var name = (byte*)Unsafe.AsPointer(ref _name[0]);
            for (int attempt = 0; attempt < MaxInterruptions; attempt++)
            {
                // A single datagram goes by sendto(2), which has fewer structures for the kernel to copy in.
                nint sent = run.Length > segmentBytes
                    ? SendRun(payload, run.Length, segmentBytes, name)
                    : LinuxNative.SendTo(_descriptor, payload, (nuint)run.Length, Flags, name, (uint)_nameBytes);
                if (sent >= 0) return 0;
                int error = Marshal.GetLastPInvokeError();
                if (error != LinuxNative.Eintr) return error;
            }
        }

        return LinuxNative.Eintr;
    }

    private nint SendRun(byte* payload, int bytes, int segmentBytes, byte* name)
    {
        byte* control = stackalloc byte[ControlBytes];
        WriteSegmentControl(control, segmentBytes);
        var vector = new IoVector { Base = payload, Length = (nuint)bytes };
        var header = new MessageHeader
        {
            Name = name,
            NameLength = (uint)_nameBytes,
            Vectors = &vector,
            VectorCount = 1,
            Control = control,
            ControlLength = ControlBytes,
        };
        return LinuxNative.Send(_descriptor, &header, Flags);
    }

    private static void WriteSegmentControl(byte* control, int segmentBytes)
    {
        *(long*)control = ControlLength;
        *(int*)(control + 8) = LinuxNative.SolUdp;
        *(int*)(control + 12) = LinuxNative.UdpSegment;
        *(long*)(control + 16) = 0;
        *(ushort*)(control + 16) = (ushort)segmentBytes;
    }
}
