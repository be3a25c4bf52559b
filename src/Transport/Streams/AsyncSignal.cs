using System.Threading.Tasks.Sources;

namespace CS3103P2P.Transport;

/// <summary>Wakes one waiter at a time; a signal that nobody waits for is kept for the next. Costs no allocation a wait.</summary>
internal sealed class AsyncSignal : IValueTaskSource
{
    private const int Idle = 0;
    private const int Signalled = 1;
    private const int Waiting = 2;

    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private int _state;

    /// <summary>Wakes the waiter, or the next one. Thread-safe.</summary>
    public void Set()
    {
        while (true)
        {
            int state = Volatile.Read(ref _state);
            if (state == Signalled) return;
            int next = state == Waiting ? Idle : Signalled;
            if (Interlocked.CompareExchange(ref _state, next, state) != state) continue;
            if (state == Waiting) _core.SetResult(true);
            return;
        }
    }

    /// <summary>Waits for <see cref="Set"/>. One waiter at a time.</summary>
    [System.Runtime.CompilerServices.AsyncMethodBuilder(typeof(System.Runtime.CompilerServices.PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Interlocked.CompareExchange(ref _state, Idle, Signalled) == Signalled) return;
        _core.Reset();
        var wait = new ValueTask(this, _core.Version);
        if (Interlocked.CompareExchange(ref _state, Waiting, Idle) == Signalled)
        {
            Volatile.Write(ref _state, Idle);
            return;
        }

        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static (signal, token) => ((AsyncSignal)signal!).Cancel(token),
            this);
        await wait.ConfigureAwait(false);
    }

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void Cancel(CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Waiting) == Waiting) _core.SetException(new OperationCanceledException(cancellationToken));
    }
}
