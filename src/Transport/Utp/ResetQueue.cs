using CS3103P2P.Protocol;

namespace CS3103P2P.Transport.Utp;

/// <summary>Resets owed to senders of packets that belong to no connection; bounded in number and rate.</summary>
internal sealed class ResetQueue
{
    private const int MaxWaiting = 64;
    private const int MaxPerSecond = 100;
    private const long SecondMicros = 1_000_000;

    private readonly Queue<(TransportAddress Destination, ushort ConnectionId, ushort AckNumber)> _waiting = new();
    private MonotonicTime _secondStart;
    private int _inSecond;

    public void Add(MonotonicTime now, TransportAddress destination, in UtpHeader offending)
    {
        if ((now - _secondStart).TotalMicroseconds >= SecondMicros)
        {
            _secondStart = now;
            _inSecond = 0;
        }

        if (_inSecond >= MaxPerSecond || _waiting.Count >= MaxWaiting) return;
        _inSecond++;
        _waiting.Enqueue((destination, offending.ConnectionId, offending.SequenceNumber));
    }

    public bool PollTransmit(MonotonicTime now, Span<byte> buffer, out Transmit transmit)
    {
        transmit = default;
        if (!_waiting.TryDequeue(out var reset)) return false;
        var header = new UtpHeader(UtpPacketType.Reset, reset.ConnectionId, (uint)now.Micros, 0, 0, 0, reset.AckNumber);
        header.Write(buffer);
        transmit = new Transmit(reset.Destination, UtpHeader.SizeInBytes);
        return true;
    }
}
