using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>TLS 1.3 in which both sides prove their keys.</summary>
internal sealed class TlsSecurity(PeerIdentity identity) : IPeerSecurity
{
    public PeerId Id => identity.Id;

    public async Task<SecuredStream> AuthenticateAsClientAsync(Stream transport, PeerId? expected, CancellationToken cancellationToken) =>
        Secured(await SecureStream.AuthenticateAsClientAsync(transport, identity, expected, cancellationToken).ConfigureAwait(false));

    public async Task<SecuredStream> AuthenticateAsServerAsync(Stream transport, CancellationToken cancellationToken) =>
        Secured(await SecureStream.AuthenticateAsServerAsync(transport, identity, cancellationToken).ConfigureAwait(false));

    public void Dispose() => identity.Dispose();

    private static SecuredStream Secured(SecureStream stream) => new(stream, stream.RemotePeer);
}
