using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using CS3103P2P.Protocol;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Transport;

/// <summary>
/// Drives a UDP socket with Linux's batched calls: recvmmsg(2) with UDP_GRO, sendmsg(2) with UDP_SEGMENT (udp(7)), ppoll(2) with an eventfd(2).
/// What the kernel does not know is probed at the start; a run that an interface refuses is sent datagram by datagram instead.
/// </summary>
internal sealed unsafe class LinuxDatagramSocket : IDatagramSocket
{
    private const int MicrosPerSecond = 1_000_000;
    private const int NanosPerMicro = 1000;
    private const long MaxWaitMicros = 3600L * MicrosPerSecond;
    private const int MaxInterruptions = 16;

    private readonly Socket _socket;
    private readonly FragmentSwitch _fragments;
    private readonly int _descriptor;
    private readonly bool _v6;
    private readonly EventWaker _waker;
    private readonly LinuxReceiveBatch _batch;
    private readonly LinuxSender _sender;
    private LinuxReplyBatch? _replies;
    private bool _hasMore;

    private LinuxDatagramSocket(
        Socket socket,
        FragmentSwitch fragments,
        EventWaker waker,
        bool canReceiveRuns,
        bool canSendRuns,
        ILogger logger)
    {
        _fragments = fragments;
        _socket = socket;
        _descriptor = (int)socket.Handle;   // the Socket outlives every use: the loop that calls us is the one that disposes it
        _v6 = socket.AddressFamily == AddressFamily.InterNetworkV6;
        _waker = waker;
        LocalAddress = new TransportAddress((IPEndPoint)socket.LocalEndPoint!);
        _batch = new LinuxReceiveBatch(_v6, canReceiveRuns);
        _sender = new LinuxSender(_descriptor, socket.AddressFamily, canSendRuns, logger);
        Description = $"Linux, GRO {(canReceiveRuns ? "on" : "off")}, GSO {(canSendRuns ? "on" : "off")}";
    }

    public TransportAddress LocalAddress { get; }

    public string Description { get; }

    // Made when first needed: most sockets have no machine that answers at once.
    public LinuxReplyBatch? Replies => _replies ??= new LinuxReplyBatch(_descriptor, _socket.AddressFamily);

    /// <summary>Takes a bound socket over; null when this system's layouts or calls are not the ones known here.</summary>
    public static LinuxDatagramSocket? TryCreate(Socket socket, FragmentSwitch fragments, ILogger logger)
    {
        if (!OperatingSystem.IsLinux() || IntPtr.Size != sizeof(long) || !BitConverter.IsLittleEndian) return null;
        EventWaker? waker = EventWaker.TryCreate();
        if (waker is null) return null;
        int descriptor = (int)socket.Handle;
        bool canReceiveRuns = LinuxNative.TrySetOption(descriptor, LinuxNative.SolUdp, LinuxNative.UdpGro, 1) == 0;

        // A segment size of 0 means "none", and a kernel without the option says so.
        bool canSendRuns = LinuxNative.TrySetOption(descriptor, LinuxNative.SolUdp, LinuxNative.UdpSegment, 0) == 0;
        return new LinuxDatagramSocket(socket, fragments, waker, canReceiveRuns, canSendRuns, logger);
    }

    public void Wait(long timeoutMicros, bool untilWritable)
    {
        // A batch that was full is hardly ever the last: receiving again is cheaper than asking first.
        bool hasMore = _hasMore;
        _hasMore = false;
        if (hasMore) return;
        PollDescriptor* descriptors = stackalloc PollDescriptor[2];
        descriptors[0] = new PollDescriptor { Descriptor = _descriptor, Events = (short)(LinuxNative.PollIn | (untilWritable ? LinuxNative.PollOut : 0)) };
        descriptors[1] = new PollDescriptor { Descriptor = _waker.Descriptor, Events = LinuxNative.PollIn };
        long micros = Math.Min(timeoutMicros, MaxWaitMicros);
        var timeout = new TimeSpec { Seconds = micros / MicrosPerSecond, Nanoseconds = micros % MicrosPerSecond * NanosPerMicro };

        // An interrupted wait ends early, which the loop takes for any other wake-up.
        int ready = LinuxNative.Poll(descriptors, 2, timeoutMicros < 0 ? null : &timeout, null);
        if (ready > 0 && descriptors[1].Returned != 0) _waker.Clear();
    }

    public void Wake() => _waker.Signal();

    public int Receive()
    {
        for (int attempt = 0; attempt < MaxInterruptions; attempt++)
        {
            int count = _batch.Receive(_descriptor);
            _hasMore = count == _batch.Slots;
            if (count >= 0) return count;
            int error = Marshal.GetLastPInvokeError();
            if (error == LinuxNative.Eagain) return 0;

            // Everything else concerns one datagram: an interruption, or an ICMP error for an earlier send. The next may be good.
        }

        return 0;
    }

    public ReadOnlySpan<byte> GetReceived(int slot, out TransportAddress source, out int segmentBytes) =>
        _batch.Get(slot, out source, out segmentBytes);

    public void SetMayFragment(bool allowed) => _fragments.Set(allowed);

    public SendOutcome Send(TransportAddress destination, ReadOnlySpan<byte> payload, int segmentBytes, out int bytesTaken) =>
        _sender.Send(destination, payload, segmentBytes, out bytesTaken);

    public void Dispose()
    {
        _socket.Dispose();
        _waker.Dispose();
    }
}
