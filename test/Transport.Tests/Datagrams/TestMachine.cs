using System.Collections.Concurrent;
using CS3103P2P.Protocol;

namespace CS3103P2P.Transport.Tests;

/// <summary>A machine whose behaviour a test writes in place. Used on a loop; the test reads the concurrent members.</summary>
internal sealed class TestMachine : IDatagramMachine
{
    private readonly TaskCompletionSource<byte[]> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Queue<(TransportAddress To, byte[] Bytes, int Segment)> Outbox { get; } = new();

    public ConcurrentQueue<(TransportAddress From, byte[] Bytes)> Inbox { get; } = new();

    public Action<MonotonicTime, TransportAddress, byte[]>? OnDatagram { get; init; }

    public Action<MonotonicTime>? OnTimeout { get; init; }

    public Action? OnPoll { get; init; }

    public MonotonicTime? Deadline { get; set; }

    /// <summary>The first datagram that came.</summary>
    public Task<byte[]> First => _first.Task;

    public void HandleDatagram(MonotonicTime now, TransportAddress source, ReadOnlySpan<byte> datagram)
    {
        byte[] bytes = datagram.ToArray();
        Inbox.Enqueue((source, bytes));
        OnDatagram?.Invoke(now, source, bytes);
        _first.TrySetResult(bytes);
    }

    public void HandleTimeout(MonotonicTime now)
    {
        if (Deadline > now) return;
        Deadline = null;
        OnTimeout?.Invoke(now);
    }

    public bool PollTransmit(MonotonicTime now, Span<byte> buffer, out Transmit transmit)
    {
        OnPoll?.Invoke();
        transmit = default;
        if (!Outbox.TryDequeue(out (TransportAddress To, byte[] Bytes, int Segment) next)) return false;
        next.Bytes.CopyTo(buffer);
        transmit = new Transmit(next.To, next.Bytes.Length, next.Segment);
        return true;
    }
}
