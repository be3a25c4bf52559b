using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Tracker.Udp;

/// <summary>Replies that wait to be sent: a ring over one array, so that nothing allocates and a full queue drops.</summary>
internal sealed class TransmitQueue(int capacityBytes, int maxDatagrams)
{
    private readonly byte[] _bytes = new byte[capacityBytes];
    private readonly Item[] _items = new Item[maxDatagrams];
    private int _first;
    private int _count;
    private int _end;

    /// <summary>Whether nothing waits.</summary>
    public bool IsEmpty => _count == 0;

    /// <summary>Datagrams dropped because the queue was full.</summary>
    public long Dropped { get; private set; }

    /// <summary>Queues a copy of a datagram; false when there is no room.</summary>
    public bool TryEnqueue(TransportAddress destination, ReadOnlySpan<byte> datagram)
    {
        int start = FindRoom(datagram.Length);
        if (start < 0)
        {
            Dropped++;
            return false;
        }

        datagram.CopyTo(_bytes.AsSpan(start));
        _items[(_first + _count++) % _items.Length] = new Item(destination, start, datagram.Length);
        _end = start + datagram.Length;
        return true;
    }

    /// <summary>Takes the oldest datagram that fits the buffer; false when there is none.</summary>
    public bool TryDequeue(Span<byte> buffer, out Transmit transmit)
    {
        while (_count > 0)
        {
            Item item = _items[_first];
            _first = (_first + 1) % _items.Length;
            _count--;
            if (!_bytes.AsSpan(item.Start, item.Length).TryCopyTo(buffer))
            {
                Dropped++;
                continue;
            }

            transmit = new Transmit(item.Destination, item.Length);
            return true;
        }

        transmit = default;
        return false;
    }

    // Datagrams stand whole: what does not fit before the end of the array goes to its start.
    private int FindRoom(int length)
    {
        if (_count == _items.Length) return -1;
        if (_count == 0) return length <= _bytes.Length ? 0 : -1;
        int used = _items[_first].Start;
        if (_end <= used) return length <= used - _end ? _end : -1;
        if (length <= _bytes.Length - _end) return _end;
        return length <= used ? 0 : -1;
    }

    private readonly record struct Item(TransportAddress Destination, int Start, int Length);
}
