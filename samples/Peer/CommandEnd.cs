namespace CS3103P2P.Samples.Peer;

/// <summary>Waits for the signal that ends a command which serves until then.</summary>
internal static class CommandEnd
{
    public static async Task WaitAsync(CancellationToken interrupted)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = interrupted.Register(() => ended.TrySetResult());
        await ended.Task;
    }
}
