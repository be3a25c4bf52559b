using CS3103P2P.Protocol;

namespace CS3103P2P.Transport.Tests;

/// <summary>A socket whose kernel buffer a test fills and frees.</summary>
internal sealed class FakeDatagramSocket : IDatagramSocket
{
    private readonly SemaphoreSlim _woken = new(0);
    private int _room;
    private long _waits;

    public TransportAddress LocalAddress => TransportAddress.FromIPv4(0x7F000001, 1);

    public string Description => "fake";

    /// <summary>What went out, one entry a datagram. Loop only.</summary>
    public List<byte[]> Sent { get; } = [];

    /// <summary>Waits that ended only when the socket became writable.</summary>
    public long WritableWaits => Interlocked.Read(ref _waits);

    /// <summary>Lets some more datagrams out.</summary>
    public void Free(int datagrams)
    {
        Interlocked.Add(ref _room, datagrams);
        _woken.Release();
    }

    public void Wait(long timeoutMicros, bool untilWritable)
    {
        if (untilWritable) Interlocked.Increment(ref _waits);
        _woken.Wait(timeoutMicros < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromMicroseconds(timeoutMicros));
    }

    public void Wake() => _woken.Release();

    public int Receive() => 0;

    public ReadOnlySpan<byte> GetReceived(int slot, out TransportAddress source, out int segmentBytes) => throw new InvalidOperationException("Nothing came.");

    public void SetMayFragment(bool allowed)
    {
        // What goes out here goes nowhere.
    }

    public SendOutcome Send(TransportAddress destination, ReadOnlySpan<byte> payload, int segmentBytes, out int bytesTaken)
    {
        bytesTaken = 0;
        while (bytesTaken < payload.Length)
        {
            if (Volatile.Read(ref _room) == 0) return SendOutcome.WouldBlock;
            Interlocked.Decrement(ref _room);
            int length = Math.Min(segmentBytes, payload.Length - bytesTaken);
            Sent.Add(payload.Slice(bytesTaken, length).ToArray());
            bytesTaken += length;
        }

        return SendOutcome.Sent;
    }

    public void Dispose() => _woken.Release();
}
