using CS3103P2P.Transport;

namespace CS3103P2P.Stun;

/// <summary>What drives a <see cref="TurnClientMachine"/>: a shared UDP socket's loop, or a stream.</summary>
internal abstract class TurnConnection : IAsyncDisposable
{
    /// <summary>Runs an action while nothing else touches the machine, then sends what is to be sent.</summary>
    /// <returns>False when the connection is gone.</returns>
    public abstract bool TryInvoke(Action<MonotonicTime> action);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}
