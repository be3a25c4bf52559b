using CS3103P2P.Protocol;
using CS3103P2P.Stun.Ice;

namespace CS3103P2P.Stun;

/// <summary>
/// A way to a peer that ICE keeps open: one lasting address, whichever path its datagrams take at the moment. uTP connects to that address when its options
/// name the <see cref="IceTransport"/> as <see cref="Transport.IDatagramPaths"/>. Thread-safe.
/// </summary>
public sealed class IceConnection : IAsyncDisposable
{
    private readonly TaskCompletionSource<IceFailure> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<Task> _close;
    private volatile PathSnapshot? _snapshot;

    internal IceConnection(PeerId remote, TransportAddress address, Func<Task> close)
    {
        Remote = remote;
        Address = address;
        _close = close;
    }

    /// <summary>Is called, on the socket's loop, when data goes another way than before.</summary>
    public event Action<IceConnection>? PathChanged;

    /// <summary>Whom the offers named; proven only by TLS over the connection.</summary>
    public PeerId Remote { get; }

    /// <summary>The lasting address: means something to this process only.</summary>
    public TransportAddress Address { get; }

    /// <summary>The way that data takes; null before the first works.</summary>
    public IcePath? Path => _snapshot?.Path;

    /// <summary>Whether data goes by way of a relay at the moment.</summary>
    public bool IsRelayed => _snapshot?.Path.IsRelayed ?? false;

    /// <summary>The round-trip time as measured when the path was chosen; null before.</summary>
    public TimeSpan? RoundTrip => _snapshot?.RoundTrip;

    /// <summary>Ends when the connection has: with the reason.</summary>
    public Task<IceFailure> Ended => _ended.Task;

    /// <summary>Closes it. The peer notices by silence. Several callers of <see cref="IceTransport.ConnectAsync"/> share one connection to a peer.</summary>
    public async ValueTask DisposeAsync() => await _close().ConfigureAwait(false);

    internal void SetPath(IcePath path, TimeSpan roundTrip)
    {
        _snapshot = new PathSnapshot(path, roundTrip);
        PathChanged?.Invoke(this);
    }

    internal void End(IceFailure failure) => _ended.TrySetResult(failure);

    private sealed record PathSnapshot(IcePath Path, TimeSpan RoundTrip);
}
