using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CS3103P2P.Peer.Hosting;

/// <summary>Runs one <see cref="PeerNode"/> with an application. Made by <c>services.AddPeer(...)</c>.</summary>
public sealed class PeerHost : IHostedService, IAsyncDisposable
{
    private readonly IOptions<PeerNodeOptions> _options;
    private readonly TaskCompletionSource<PeerNode> _node = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PeerNode? _running;

    /// <summary>Made by the container.</summary>
    public PeerHost(IOptions<PeerNodeOptions> options) => _options = options;

    /// <summary>The node, as soon as the application has started it.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<PeerNode> GetNodeAsync(CancellationToken cancellationToken = default) => _node.Task.WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            _running = await PeerNode.StartAsync(_options.Value, cancellationToken).ConfigureAwait(false);
            _node.TrySetResult(_running);
        }
        catch (Exception e)
        {
            _node.TrySetException(e);
            throw;
        }
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => DisposeAsync().AsTask().WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _running, null) is { } node) await node.DisposeAsync().ConfigureAwait(false);
    }
}
