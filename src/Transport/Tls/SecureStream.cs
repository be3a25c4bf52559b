using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using CS3103P2P.Protocol;

namespace CS3103P2P.Transport;

/// <summary>
/// TLS 1.3 over any stream, in which both sides prove the keys that their peer ids name. One reader and one writer may run at the same time. What is
/// written goes out at once; reading with an empty buffer waits for data and holds no memory meanwhile.
/// </summary>
public sealed class SecureStream : Stream
{
    private static readonly SslApplicationProtocol Protocol = new("cs3103p2p/1");
    // Seven full records, which go out by one system call.
    private const int PieceBytes = 7 * 16 * 1024;
    private readonly SslStream _tls;
    private readonly CoalescingStream _records;

    private SecureStream(SslStream tls, CoalescingStream records, PeerId remotePeer)
    {
        _tls = tls;
        _records = records;
        RemotePeer = remotePeer;
    }

    /// <summary>How long a handshake may take.</summary>
    public static TimeSpan HandshakeTimeout { get; } = TimeSpan.FromSeconds(15);

    /// <summary>The other side, as its key proves.</summary>
    public PeerId RemotePeer { get; }

    /// <inheritdoc/>
    public override bool CanRead => _tls.CanRead;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => _tls.CanWrite;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException("A secure stream has no length.");

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException("A secure stream has no position.");
        set => throw new NotSupportedException("A secure stream has no position.");
    }

    /// <summary>Begins TLS as the side that connected. Takes the stream over: it is closed with this one, or at once on failure.</summary>
    /// <param name="inner">The stream below.</param>
    /// <param name="self">The own key.</param>
    /// <param name="expected">The peer that must answer; null accepts any.</param>
    /// <param name="cancellationToken">Gives the handshake up.</param>
    /// <exception cref="PeerAuthenticationException">The handshake failed, took too long, or another peer answered.</exception>
    public static Task<SecureStream> AuthenticateAsClientAsync(
        Stream inner, PeerIdentity self, PeerId? expected, CancellationToken cancellationToken = default) =>
        AuthenticateAsClientAsync(inner, self, expected, HandshakeTimeout, cancellationToken);

    /// <summary>Begins TLS as the side that accepted. Takes the stream over: it is closed with this one, or at once on failure.</summary>
    /// <param name="inner">The stream below.</param>
    /// <param name="self">The own key.</param>
    /// <param name="cancellationToken">Gives the handshake up.</param>
    /// <exception cref="PeerAuthenticationException">The handshake failed or took too long.</exception>
    public static Task<SecureStream> AuthenticateAsServerAsync(Stream inner, PeerIdentity self, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(self);
        var check = new PeerCertificateCheck(expected: null);
        var options = new SslServerAuthenticationOptions
        {
            CertificateChainPolicy = NoChain(),
            ClientCertificateRequired = true,
            RemoteCertificateValidationCallback = check.Validate,
            EnabledSslProtocols = SslProtocols.Tls13,
            CipherSuitesPolicy = Ciphers(),
            ApplicationProtocols = [Protocol],
            AllowRenegotiation = false,
            AllowTlsResume = false,   // a resumed session would skip the certificates
        };
        return HandshakeAsync(inner, check, ShowAndCheckAsync, HandshakeTimeout, cancellationToken);

        async Task ShowAndCheckAsync(SslStream tls, CancellationToken token)
        {
            options.ServerCertificateContext = await self.TlsContext.ConfigureAwait(false);
            await tls.AuthenticateAsServerAsync(options, token).ConfigureAwait(false);
        }
    }

    /// <summary>Tells the other side that nothing more follows (close_notify); reading goes on.</summary>
    public Task ShutdownAsync() => _tls.ShutdownAsync();

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer) => _tls.Read(buffer);

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => _tls.Read(buffer, offset, count);

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _tls.ReadAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        _tls.ReadAsync(buffer, offset, count, cancellationToken);

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer) => _tls.Write(buffer);

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => _tls.Write(buffer, offset, count);

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        for (; !buffer.IsEmpty; buffer = buffer[Math.Min(PieceBytes, buffer.Length)..])
        {
            // While records are held, TLS writes without waiting, and so without allocating.
            _records.IsHolding = true;
            await _tls.WriteAsync(buffer[..Math.Min(PieceBytes, buffer.Length)], cancellationToken).ConfigureAwait(false);
            _records.IsHolding = false;
            await _records.SendAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override void Flush() => _tls.Flush();

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => _tls.FlushAsync(cancellationToken);

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("A secure stream cannot seek.");

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException("A secure stream has no length.");

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _tls.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    internal static Task<SecureStream> AuthenticateAsClientAsync(
        Stream inner, PeerIdentity self, PeerId? expected, TimeSpan timeout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(self);
        var check = new PeerCertificateCheck(expected);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = string.Empty,
            CertificateChainPolicy = NoChain(),
            RemoteCertificateValidationCallback = check.Validate,
            EnabledSslProtocols = SslProtocols.Tls13,
            CipherSuitesPolicy = Ciphers(),
            ApplicationProtocols = [Protocol],
            AllowRenegotiation = false,
            AllowTlsResume = false,   // a resumed session would skip the certificates
        };
        return HandshakeAsync(inner, check, ShowAndCheckAsync, timeout, cancellationToken);

        async Task ShowAndCheckAsync(SslStream tls, CancellationToken token)
        {
            options.ClientCertificateContext = await self.TlsContext.ConfigureAwait(false);
            await tls.AuthenticateAsClientAsync(options, token).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _tls.Dispose();
        base.Dispose(disposing);
    }

    private static async Task<SecureStream> HandshakeAsync(
        Stream inner, PeerCertificateCheck check, Func<SslStream, CancellationToken, Task> handshake, TimeSpan timeout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(inner);
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(timeout);
        var records = new CoalescingStream(inner);
        var tls = new SslStream(records, leaveInnerStreamOpen: false);
        bool done = false;
        try
        {
            await handshake(tls, bounded.Token).ConfigureAwait(false);
            if (check.Remote is not { } remote) throw Failed(PeerAuthenticationFailure.NoKey, null);
            if (tls.NegotiatedApplicationProtocol != Protocol) throw Failed(PeerAuthenticationFailure.Handshake, null);
            done = true;
            return new SecureStream(tls, records, remote);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failed(PeerAuthenticationFailure.TimedOut, e);
        }
        catch (Exception e) when (e is AuthenticationException or (IOException and not PeerAuthenticationException))
        {
            throw Failed(check.Failure ?? PeerAuthenticationFailure.Handshake, e);
        }
        finally
        {
            if (!done) await tls.DisposeAsync().ConfigureAwait(false);
        }
    }

    // AES with keys of 128 bits is a tenth faster than with 256 and as far out of reach. Windows lets nobody choose.
    private static CipherSuitesPolicy? Ciphers() => OperatingSystem.IsLinux() || OperatingSystem.IsMacOS()
        ? new CipherSuitesPolicy([TlsCipherSuite.TLS_AES_128_GCM_SHA256, TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256, TlsCipherSuite.TLS_AES_256_GCM_SHA384])
        : null;

    // Keys are trusted, not authorities. Without this, the framework looks for an issuer among those of the system, and where the certificate says.
    private static X509ChainPolicy NoChain() => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
    };

    private static PeerAuthenticationException Failed(PeerAuthenticationFailure failure, Exception? inner) => new(
        failure,
        failure switch
        {
            PeerAuthenticationFailure.NoKey => "The peer showed no usable key.",
            PeerAuthenticationFailure.WrongPeer => "Another peer answered than the one that was asked for.",
            PeerAuthenticationFailure.TimedOut => "The peer did not finish the TLS handshake in time.",
            _ => $"The TLS handshake failed: {inner?.Message ?? "the peer does not speak this protocol"}",
        },
        inner);
}
