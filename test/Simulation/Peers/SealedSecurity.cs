using CS3103P2P.Peer.Connectivity;
using CS3103P2P.Protocol;

namespace CS3103P2P.Simulation;

/// <summary>Stands in for TLS and keys.</summary>
/// <param name="world">Where.</param>
/// <param name="id">Who.</param>
/// <param name="isMute">A hostile peer: takes connections and says nothing.</param>
internal sealed class SealedSecurity(World world, PeerId id, bool isMute) : IPeerSecurity
{
    public PeerId Id => id;

    public Task<SecuredStream> AuthenticateAsClientAsync(Stream transport, PeerId? expected, CancellationToken cancellationToken) =>
        OpenAsync(transport, isInitiator: true, expected, cancellationToken);

    public Task<SecuredStream> AuthenticateAsServerAsync(Stream transport, CancellationToken cancellationToken) =>
        OpenAsync(transport, isInitiator: false, null, cancellationToken);

    public void Dispose()
    {
    }

    private async Task<SecuredStream> OpenAsync(Stream transport, bool isInitiator, PeerId? expected, CancellationToken cancellationToken)
    {
        bool isDone = false;
        try
        {
            if (isMute) await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(false);
            SecuredStream secured = await SealedStream.OpenAsync(world, transport, isInitiator, id, expected, cancellationToken).ConfigureAwait(false);
            isDone = true;
            return secured;
        }
        finally
        {
            if (!isDone) await transport.DisposeAsync().ConfigureAwait(false);
        }
    }
}
