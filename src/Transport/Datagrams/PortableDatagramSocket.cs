using System.Net;
using System.Net.Sockets;
using CS3103P2P.Protocol;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Transport;

/// <summary>Drives a UDP socket with the calls that every system has: one datagram a call, no allocation.</summary>
internal sealed class PortableDatagramSocket : IDatagramSocket
{
    private const int SlotCount = 32;
    private const int MaxDatagramBytes = 65_536;       // no datagram is ever cut
    private const int BufferBytes = 2 * MaxDatagramBytes;
    private const int MicrosPerMilli = 1000;
    private const int MaxWaitMicros = 1_000_000_000;   // Select takes an int; longer waits are taken in parts

    private readonly Socket _socket;
    private readonly FragmentSwitch _fragments;
    private readonly LoopbackWaker _waker;
    private readonly bool _v6;
    private readonly SocketAddress _sendAddress;
    private readonly SocketAddress _receiveAddress;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferBytes, pinned: true);
    private readonly (TransportAddress Source, int Start, int Bytes)[] _slots = new (TransportAddress, int, int)[SlotCount];
    private readonly List<Socket> _readable = new(2);
    private readonly List<Socket> _writable = new(1);

    public PortableDatagramSocket(Socket socket, FragmentSwitch fragments, ILogger logger)
    {
        _fragments = fragments;
        _socket = socket;
        _v6 = socket.AddressFamily == AddressFamily.InterNetworkV6;
        _sendAddress = SocketAddressCodec.Create(socket.AddressFamily);
        _receiveAddress = SocketAddressCodec.Create(socket.AddressFamily);
        _waker = new LoopbackWaker(logger);
        LocalAddress = new TransportAddress((IPEndPoint)socket.LocalEndPoint!);
    }

    public TransportAddress LocalAddress { get; }

    public string Description => "portable";

    public void Wait(long timeoutMicros, bool untilWritable)
    {
        _readable.Clear();
        _readable.Add(_socket);
        _readable.Add(_waker.Socket);
        _writable.Clear();
        if (untilWritable) _writable.Add(_socket);

        // Systems that wait in whole milliseconds round down, and a loop would spin on the rest.
        long rounded = timeoutMicros < 0 ? -1 : (timeoutMicros + MicrosPerMilli - 1) / MicrosPerMilli * MicrosPerMilli;
        int wait = (int)Math.Min(rounded, MaxWaitMicros);
        Socket.Select(_readable, untilWritable ? _writable : null, null, wait);
        if (_readable.Contains(_waker.Socket)) _waker.Clear();
    }

    public void Wake() => _waker.Signal();

    public int Receive()
    {
        int count = 0, used = 0;
        for (int attempt = 0; attempt < SlotCount && used <= BufferBytes - MaxDatagramBytes && _socket.Poll(0, SelectMode.SelectRead); attempt++)
        {
            try
            {
                _receiveAddress.Size = _v6 ? SocketAddressCodec.SizeV6 : SocketAddressCodec.SizeV4;
                int bytes = _socket.ReceiveFrom(_buffer.AsSpan(used, MaxDatagramBytes), SocketFlags.None, _receiveAddress);
                _slots[count++] = (SocketAddressCodec.Read(_receiveAddress.Buffer.Span, _v6), used, bytes);
                used += bytes;
            }
            catch (SocketException e) when (DatagramErrors.IsPassing(e.SocketErrorCode))
            {
                // An ICMP error for an earlier send, or a datagram that was too long or had a bad checksum: the next may be good.
                continue;
            }
        }

        return count;
    }

    public ReadOnlySpan<byte> GetReceived(int slot, out TransportAddress source, out int segmentBytes)
    {
        (source, int start, segmentBytes) = _slots[slot];
        return _buffer.AsSpan(start, segmentBytes);
    }

    public void SetMayFragment(bool allowed) => _fragments.Set(allowed);

    public SendOutcome Send(TransportAddress destination, ReadOnlySpan<byte> payload, int segmentBytes, out int bytesTaken)
    {
        bytesTaken = 0;
        if (!SocketAddressCodec.TryWrite(destination, _v6, _sendAddress.Buffer.Span)) return SendOutcome.Dropped;
        do
        {
            ReadOnlySpan<byte> datagram = payload.Slice(bytesTaken, Math.Min(segmentBytes, payload.Length - bytesTaken));
            SendOutcome outcome = SendOne(datagram);
            if (outcome != SendOutcome.Sent) return outcome;
            bytesTaken += datagram.Length;
        }
        while (bytesTaken < payload.Length);
        return SendOutcome.Sent;
    }

    public void Dispose()
    {
        _socket.Dispose();
        _waker.Dispose();
    }

    private SendOutcome SendOne(ReadOnlySpan<byte> datagram)
    {
        try
        {
            _socket.SendTo(datagram, SocketFlags.None, _sendAddress);
            return SendOutcome.Sent;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.WouldBlock)
        {
            return SendOutcome.WouldBlock;
        }
        catch (SocketException)
        {
            return SendOutcome.Dropped;
        }
    }
}
