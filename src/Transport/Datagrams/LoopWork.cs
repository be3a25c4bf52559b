namespace CS3103P2P.Transport;

/// <summary>Something to run on the loop of a <see cref="DatagramEndpoint"/>, whose fate somebody may await.</summary>
internal abstract class LoopWork
{
    /// <summary>Runs it.</summary>
    public abstract void Run();

    /// <summary>Tells whoever waits that it will never run.</summary>
    public abstract void Abandon(Exception reason);
}

/// <summary>Work that nobody awaits.</summary>
internal sealed class PostedAction(Action action) : LoopWork
{
    public override void Run() => action();

    public override void Abandon(Exception reason)
    {
    }
}

/// <summary>Work whose result is awaited; continuations run elsewhere, never on the loop.</summary>
internal sealed class InvokedFunction<T>(Func<T> function) : LoopWork
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Task => _completion.Task;

    // The caller's function may fail in any way; that is the caller's, whose task carries it.
#pragma warning disable CA1031
    public override void Run()
    {
        try
        {
            _completion.TrySetResult(function());
        }
        catch (Exception e)
        {
            _completion.TrySetException(e);
        }
    }
#pragma warning restore CA1031

    public override void Abandon(Exception reason) => _completion.TrySetException(reason);
}
