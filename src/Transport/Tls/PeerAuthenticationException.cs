namespace CS3103P2P.Transport;

/// <summary>Why two peers could not agree on a secure stream.</summary>
public enum PeerAuthenticationFailure
{
    /// <summary>The TLS handshake failed: not TLS 1.3, not our protocol, a broken or cut stream.</summary>
    Handshake,

    /// <summary>The other side showed no certificate with a key on P-256.</summary>
    NoKey,

    /// <summary>The other side proved a key other than the expected one.</summary>
    WrongPeer,

    /// <summary>The handshake took longer than <see cref="SecureStream.HandshakeTimeout"/>.</summary>
    TimedOut,
}

/// <summary>A secure stream was not made. It is an <see cref="IOException"/>, since to most callers it is one more way in which a connection fails.</summary>
public sealed class PeerAuthenticationException : IOException
{
    /// <summary>Makes the exception.</summary>
    public PeerAuthenticationException(PeerAuthenticationFailure failure, string message, Exception? inner = null)
        : base(message, inner) => Failure = failure;

    /// <summary>What went wrong.</summary>
    public PeerAuthenticationFailure Failure { get; }
}
