using System.Buffers.Binary;
using CS3103P2P.Protocol;

namespace CS3103P2P.Transport.Tests;

/// <summary>
/// Sends numbered datagrams, in runs, never more than a window ahead of what the receiver has said that it got; so that the kernel's buffer never
/// overflows and every datagram must arrive. All datagrams look like uTP data: byte 0x01, and the number at byte 4.
/// </summary>
internal sealed class BulkSender(TransportAddress to, int total, int bytes, int maxRun) : IDatagramMachine
{
    public const int WindowDatagrams = 128;   // 300 kB as the kernel counts: fits the receive buffer that Linux grants by default
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);
    private int _sent;
    private int _acknowledged;
    private MonotonicTime? _giveUpAt;

    public MonotonicTime? Deadline => _giveUpAt;

    public void HandleDatagram(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> datagram)
    {
        _acknowledged = Math.Max(_acknowledged, BinaryPrimitives.ReadInt32BigEndian(datagram[4..]));
        _giveUpAt = _acknowledged == total ? null : now + Patience;
    }

    // The kernel drops datagrams even between programs of one machine when its queues are full of others'.
    public void HandleTimeout(MonotonicTime now)
    {
        _sent = _acknowledged;
        _giveUpAt = now + Patience;
    }

    public bool PollTransmit(MonotonicTime now, Span<byte> buffer, out Transmit transmit)
    {
        int count = Math.Min(Math.Min(total - _sent, _acknowledged + WindowDatagrams - _sent), Math.Min(maxRun, buffer.Length / bytes));
        transmit = default;
        if (count <= 0) return false;
        _giveUpAt ??= now + Patience;
        int at = 0;
        for (int i = 0; i < count; i++)
        {
            // The last one of all is shorter, so that a run has an odd end.
            int length = _sent == total - 1 ? bytes - 7 : bytes;
            WriteNumbered(buffer.Slice(at, length), _sent++);
            at += length;
        }

        transmit = new Transmit(to, at, Math.Min(bytes, at));
        return true;
    }

    public static void WriteNumbered(Span<byte> datagram, int number)
    {
        datagram[0] = 0x01;
        datagram[1] = 0;
        BinaryPrimitives.WriteInt32BigEndian(datagram[4..], number);
        datagram[^1] = (byte)number;
    }
}

/// <summary>Checks that the numbers of a <see cref="BulkSender"/> come in order and whole, and says how far it is.</summary>
internal sealed class BulkReceiver(int total, int bytes) : IDatagramMachine
{
    private const int AcknowledgeEvery = 64;
    private const int AcknowledgementBytes = 20;
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TransportAddress _source;
    private int _acknowledged;
    private bool _acknowledgeNow;

    public MonotonicTime? Deadline => null;

    public Task Done => _done.Task;

    public int Received { get; private set; }

    public int Wrong { get; private set; }

    /// <summary>Datagrams that did not come when they should have, or came again.</summary>
    public int Astray { get; private set; }

    /// <summary>Bytes that the loop's thread had allocated when the first tenth was there, and at the end.</summary>
    public (long Early, long Late) Allocated { get; private set; }

    public void HandleDatagram(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> datagram)
    {
        _source = source;
        int number = BinaryPrimitives.ReadInt32BigEndian(datagram[4..]);
        bool good = datagram.Length == (number == total - 1 ? bytes - 7 : bytes) && datagram[^1] == (byte)number;
        if (!good) Wrong++;
        if (number != Received)
        {
            Astray++;
            _acknowledgeNow |= number < Received;
            return;
        }

        Received++;
        if (Received == total / 10) Allocated = (GC.GetAllocatedBytesForCurrentThread(), 0);
        if (Received != total) return;
        Allocated = (Allocated.Early, GC.GetAllocatedBytesForCurrentThread());
        _done.TrySetResult();
    }

    public void HandleTimeout(MonotonicTime now)
    {
    }

    public bool PollTransmit(MonotonicTime now, Span<byte> buffer, out Transmit transmit)
    {
        transmit = default;
        if (Received - _acknowledged < AcknowledgeEvery && Received != total && !_acknowledgeNow) return false;
        if (Received == _acknowledged && !_acknowledgeNow) return false;
        _acknowledgeNow = false;
        _acknowledged = Received;
        buffer[..AcknowledgementBytes].Clear();
        BulkSender.WriteNumbered(buffer[..AcknowledgementBytes], Received);
        transmit = new Transmit(_source, AcknowledgementBytes);
        return true;
    }
}
