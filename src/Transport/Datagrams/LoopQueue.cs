using System.Collections.Concurrent;

namespace CS3103P2P.Transport;

/// <summary>What other threads want run on a loop, in order. Once closed, nothing stays in it unanswered.</summary>
internal sealed class LoopQueue
{
    /// <summary>More than this many waiting means that a caller posts faster than any loop can run: a bug.</summary>
    public const int MaxWaiting = 1 << 20;

    private readonly ConcurrentQueue<LoopWork> _queue = new();
    private int _waiting;
    private volatile bool _closed;

    /// <summary>Adds work; false when the queue is closed.</summary>
    /// <exception cref="InvalidOperationException"><see cref="MaxWaiting"/> are waiting.</exception>
    public bool TryAdd(LoopWork work)
    {
        if (_closed) return false;
        if (Interlocked.Increment(ref _waiting) > MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            throw new InvalidOperationException($"More than {MaxWaiting} actions wait for the datagram loop.");
        }

        _queue.Enqueue(work);
        Interlocked.MemoryBarrier();
        if (_closed) AbandonAll();   // the loop may have swept the queue before this entry came
        return true;
    }

    /// <summary>Takes the next; false when none waits.</summary>
    public bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out LoopWork? work)
    {
        if (!_queue.TryDequeue(out work)) return false;
        Interlocked.Decrement(ref _waiting);
        return true;
    }

    /// <summary>Refuses further work and abandons what waits.</summary>
    public void Close()
    {
        _closed = true;
        Interlocked.MemoryBarrier();
        AbandonAll();
    }

    private void AbandonAll()
    {
        var reason = new ObjectDisposedException(nameof(DatagramEndpoint));
        while (TryTake(out LoopWork? work)) work.Abandon(reason);
    }
}
