using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace CS3103P2P.NatLab;

/// <summary>
/// A thread that lives in one network namespace (setns(2) is per thread). Sockets made on it, and processes started from it, belong to that
/// namespace for good, whoever uses them later. As a synchronization context it also runs the continuations of code it started.
/// </summary>
internal sealed class NamespaceThread : SynchronizationContext, IDisposable
{
    private const int StackBytes = 512 * 1024;
    private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> _work = [];
    private readonly Thread _thread;
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public NamespaceThread(string namespaceName)
    {
        _thread = new Thread(() => Loop(namespaceName), StackBytes) { IsBackground = true, Name = namespaceName };
        _thread.Start();
        _entered.Task.GetAwaiter().GetResult();
    }

    public T Run<T>(Func<T> function)
    {
        if (Thread.CurrentThread == _thread) return function();
        T result = default!;
        Send(_ => result = function(), null);
        return result;
    }

    public async Task<T> RunAsync<T>(Func<Task<T>> function)
    {
        var started = new TaskCompletionSource<Task<T>>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(_ =>
        {
            try
            {
                started.SetResult(function());
            }
            catch (Exception error)
            {
                started.SetException(error);
            }
        }, null);
        return await (await started.Task.ConfigureAwait(false)).ConfigureAwait(false);
    }

    public override void Post(SendOrPostCallback d, object? state) => _work.Add((d, state));

    public override void Send(SendOrPostCallback d, object? state)
    {
        ExceptionDispatchInfo? failure = null;
        using var done = new ManualResetEventSlim();
        Post(_ =>
        {
            try
            {
                d(state);
            }
            catch (Exception error)
            {
                failure = ExceptionDispatchInfo.Capture(error);
            }
            done.Set();
        }, null);
        done.Wait();
        failure?.Throw();
    }

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Ends the thread after the work queued so far; without it the kernel would keep the namespace.</summary>
    public void Dispose()
    {
        if (_work.IsAddingCompleted) return;
        _work.CompleteAdding();
        if (Thread.CurrentThread != _thread) _thread.Join();
    }

    private void Loop(string namespaceName)
    {
        try
        {
            using var file = LinuxCalls.Open(NamespaceNames.PathOf(namespaceName), LinuxCalls.OpenReadOnly);
            if (LinuxCalls.SetNamespace(file, LinuxCalls.CloneNewNet) != 0)
                throw new IOException($"setns {namespaceName}: error {Marshal.GetLastPInvokeError()}.");
        }
        catch (IOException error)
        {
            _entered.SetException(error);
            return;
        }
        SetSynchronizationContext(this);
        _entered.SetResult();
        foreach (var (callback, state) in _work.GetConsumingEnumerable()) callback(state);
    }
}
