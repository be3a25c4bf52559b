using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Tests.Ice;

/// <summary>A clock and what is to happen when.</summary>
internal sealed class VirtualTime(int seed)
{
    private readonly PriorityQueue<Action, (long Micros, long Order)> _queue = new();
    private long _order;

    public Random Random { get; } = new(seed);

    public MonotonicTime Now { get; private set; } = new(1_000_000);

    public void After(TimeSpan delay, Action action) => At(Now + delay, action);

    public void At(MonotonicTime time, Action action) => _queue.Enqueue(action, (Math.Max(time.Micros, Now.Micros), _order++));

    /// <summary>Lets time pass until the condition holds; false when it does not within the limit.</summary>
    public bool RunUntil(Func<bool> condition, TimeSpan limit)
    {
        MonotonicTime end = Now + limit;
        while (!condition())
        {
            if (!_queue.TryPeek(out _, out (long Micros, long Order) next) || next.Micros > end.Micros)
            {
                Now = end;
                return condition();
            }

            Action action = _queue.Dequeue();
            Now = new MonotonicTime(next.Micros);
            action();
        }

        return true;
    }

    public void Run(TimeSpan span) => RunUntil(() => false, span);
}
