using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Discovery;

/// <summary>A tracker that only a ticket names, asked over a socket of its own for the time of one download.</summary>
internal sealed class BorrowedTracker(ITrackerClient client, DatagramEndpoint endpoint, Action forget) : IAsyncDisposable
{
    public ITrackerClient Client { get; } = client;

    public async ValueTask DisposeAsync()
    {
        forget();
        await Client.DisposeAsync().ConfigureAwait(false);
        await endpoint.DisposeAsync().ConfigureAwait(false);
    }
}
