using CS3103P2P.Protocol;

namespace CS3103P2P.Transport;

/// <summary>
/// Datagrams that wait to be sent: a ring over one array, so that a full queue drops and nothing allocates but the first datagram: many queues never have one.
/// </summary>
internal sealed class DatagramQueue
{
    private readonly int _capacityBytes;
    private readonly int _maxDatagrams;
    private byte[] _arena = [];
    private Item[] _items = [];
    private int _head;
    private int _writeAt;

    /// <param name="capacityBytes">Most payload bytes that may wait.</param>
    /// <param name="maxDatagrams">Most datagrams that may wait.</param>
    public DatagramQueue(int capacityBytes, int maxDatagrams)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacityBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(maxDatagrams);
        _capacityBytes = capacityBytes;
        _maxDatagrams = maxDatagrams;
    }

    /// <summary>How many datagrams wait.</summary>
    public int Count { get; private set; }

    /// <summary>Datagrams dropped because the queue was full, or because they did not fit a buffer.</summary>
    public long Dropped { get; private set; }

    /// <summary>Finds room for a datagram, which counts as queued at once.</summary>
    /// <returns>False when the queue is full.</returns>
    public bool TryReserve(TransportAddress destination, int bytes, out Span<byte> place)
    {
        place = default;
        if (_items.Length < _maxDatagrams) (_arena, _items) = (new byte[_capacityBytes], new Item[_maxDatagrams]);
        if (Count == _items.Length || !TryFindRoom(bytes, out int start))
        {
            Dropped++;
            return false;
        }

        _items[(_head + Count) % _items.Length] = new Item(destination, start, bytes);
        Count++;
        _writeAt = start + bytes;
        place = _arena.AsSpan(start, bytes);
        return true;
    }

    /// <summary>Queues a copy of a datagram; false when the queue is full.</summary>
    public bool TryEnqueue(TransportAddress destination, ReadOnlySpan<byte> datagram)
    {
        if (!TryReserve(destination, datagram.Length, out Span<byte> place)) return false;
        datagram.CopyTo(place);
        return true;
    }

    /// <summary>Takes the oldest datagram that fits the buffer; false when there is none.</summary>
    public bool TryDequeue(Span<byte> buffer, out Transmit transmit)
    {
        while (Count > 0)
        {
            Item item = _items[_head];
            _head = (_head + 1) % _items.Length;
            Count--;
            if (!_arena.AsSpan(item.Start, item.Bytes).TryCopyTo(buffer))
            {
                Dropped++;
                continue;
            }

            transmit = new Transmit(item.Destination, item.Bytes);
            return true;
        }

        transmit = default;
        return false;
    }

    private bool TryFindRoom(int bytes, out int start)
    {
        start = 0;
        if (Count == 0) return bytes <= _arena.Length;
        int readAt = _items[_head].Start;
        start = _writeAt;
        if (_writeAt <= readAt) return bytes <= readAt - _writeAt;
        if (bytes <= _arena.Length - _writeAt) return true;
        start = 0;
        return bytes <= readAt;
    }

    private readonly record struct Item(TransportAddress Destination, int Start, int Bytes);
}
