using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>Makes bare streams into ones whose two ends have proven who they are. A seam: a simulator has no use for ciphers.</summary>
internal interface IPeerSecurity : IDisposable
{
    /// <summary>Who we are.</summary>
    PeerId Id { get; }

    /// <summary>Begins as the side that connected. Takes the stream over: it is closed at once on failure.</summary>
    /// <exception cref="IOException">The peer did not prove to be the expected one, or did not answer.</exception>
    Task<SecuredStream> AuthenticateAsClientAsync(Stream transport, PeerId? expected, CancellationToken cancellationToken);

    /// <summary>Begins as the side that accepted. Takes the stream over: it is closed at once on failure.</summary>
    /// <exception cref="IOException">The peer did not prove who it is.</exception>
    Task<SecuredStream> AuthenticateAsServerAsync(Stream transport, CancellationToken cancellationToken);
}

/// <summary>A secured stream, and who is at its other end.</summary>
internal readonly record struct SecuredStream(Stream Stream, PeerId RemotePeer);
