using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CS3103P2P.Protocol;

namespace CS3103P2P.Transport.Tests;

[TestClass]
public sealed class SecureStreamTests
{
    private readonly PeerIdentity _alice = PeerIdentity.Create();
    private readonly PeerIdentity _bob = PeerIdentity.Create();

    [TestMethod]
    public async Task Authenticate_BothSides_KnowEachOtherAndTalk()
    {
        await using StreamPair pair = await StreamPair.ConnectAsync();
        (SecureStream client, SecureStream server) = await AuthenticateAsync(pair, expected: _bob.Id);
        await using SecureStream c = client, s = server;

        Assert.AreEqual(_bob.Id, client.RemotePeer);
        Assert.AreEqual(_alice.Id, server.RemotePeer);
        byte[] sent = RandomNumberGenerator.GetBytes(1 << 20), received = new byte[sent.Length];
        Task writing = client.WriteAsync(sent).AsTask();
        await server.ReadExactlyAsync(received).AsTask().Soon();
        await writing.Soon();
        CollectionAssert.AreEqual(sent, received);
    }

    [TestMethod]
    public async Task Authenticate_RepeatedConnections_EachSeesTheCertificateAgain()
    {
        for (int i = 0; i < 3; i++)
        {
            await using StreamPair pair = await StreamPair.ConnectAsync();
            (SecureStream client, SecureStream server) = await AuthenticateAsync(pair, expected: null);
            await using SecureStream c = client, s = server;
            await server.WriteAsync(new byte[1]);
            await client.ReadExactlyAsync(new byte[1]).AsTask().Soon();
            Assert.AreEqual(_alice.Id, server.RemotePeer);
            Assert.AreEqual(_bob.Id, client.RemotePeer);
        }
    }

    [TestMethod]
    public async Task AuthenticateAsClient_AnotherPeerAnswers_WrongPeer()
    {
        await using StreamPair pair = await StreamPair.ConnectAsync();
        Task<SecureStream> server = SecureStream.AuthenticateAsServerAsync(pair.Server, _bob);
        PeerAuthenticationException failure = await Assert.ThrowsExactlyAsync<PeerAuthenticationException>(
            () => SecureStream.AuthenticateAsClientAsync(pair.Client, _alice, _alice.Id).Soon());

        Assert.AreEqual(PeerAuthenticationFailure.WrongPeer, failure.Failure);
        Assert.IsTrue(await EndsAsync(server), "the server's side must not stay open");
    }

    [TestMethod]
    public async Task AuthenticateAsServer_ClientWithoutCertificate_NoKey()
    {
        await using StreamPair pair = await StreamPair.ConnectAsync();
        Task<SecureStream> server = SecureStream.AuthenticateAsServerAsync(pair.Server, _bob);
        Task client = BareClientAsync(pair.Client, SslProtocols.Tls13, certificate: null, "cs3103p2p/1");

        PeerAuthenticationException failure = await Assert.ThrowsExactlyAsync<PeerAuthenticationException>(() => server.Soon());
        Assert.AreEqual(PeerAuthenticationFailure.NoKey, failure.Failure);
        await IgnoreFailureAsync(client);
    }

    [TestMethod]
    public async Task AuthenticateAsServer_ClientWithRsaKey_NoKey()
    {
        using RSA rsa = RSA.Create(2048);
        using X509Certificate2 certificate = new CertificateRequest("CN=x", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue.AddYears(-1));
        await using StreamPair pair = await StreamPair.ConnectAsync();
        Task<SecureStream> server = SecureStream.AuthenticateAsServerAsync(pair.Server, _bob);
        Task client = BareClientAsync(pair.Client, SslProtocols.Tls13, certificate, "cs3103p2p/1");

        PeerAuthenticationException failure = await Assert.ThrowsExactlyAsync<PeerAuthenticationException>(() => server.Soon());
        Assert.AreEqual(PeerAuthenticationFailure.NoKey, failure.Failure);
        await IgnoreFailureAsync(client);
    }

    [TestMethod]
    public async Task AuthenticateAsServer_CertificateNamesAPlaceForItsIssuer_NothingIsFetchedThere()
    {
        using var place = new TcpListener(IPAddress.Loopback, 0);
        place.Start();
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=peer", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(ocspUris: null, [$"http://{place.LocalEndpoint}/issuer.cer"]));
        using X509Certificate2 unsigned = request.Create(
            new X500DistinguishedName("CN=elsewhere"), X509SignatureGenerator.CreateForECDsa(key), DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue.AddYears(-1), [1]);
        using X509Certificate2 certificate = unsigned.CopyWithPrivateKey(key);
        await using StreamPair pair = await StreamPair.ConnectAsync();
        Task<SecureStream> server = SecureStream.AuthenticateAsServerAsync(pair.Server, _bob);
        Task client = BareClientAsync(pair.Client, SslProtocols.Tls13, certificate, "cs3103p2p/1");

        await using SecureStream accepted = await server.Soon();
        Assert.AreEqual(PeerIdentity.IdOf(certificate.PublicKey), accepted.RemotePeer);
        Assert.IsFalse(place.Pending(), "a stranger's certificate made this side open a connection");
        await accepted.WriteAsync(new byte[1]);
        await client.Soon();
    }

    [TestMethod]
    [DataRow(SslProtocols.Tls12, "cs3103p2p/1")]
    [DataRow(SslProtocols.Tls13, "h2")]
    [DataRow(SslProtocols.Tls13, null)]
    public async Task AuthenticateAsServer_OldTlsOrAnotherProtocol_Handshake(SslProtocols protocols, string? alpn)
    {
        await using StreamPair pair = await StreamPair.ConnectAsync();
        Task<SecureStream> server = SecureStream.AuthenticateAsServerAsync(pair.Server, _bob);
        Task client = BareClientAsync(pair.Client, protocols, _alice.Certificate, alpn);

        PeerAuthenticationException failure = await Assert.ThrowsExactlyAsync<PeerAuthenticationException>(() => server.Soon());
        Assert.AreEqual(PeerAuthenticationFailure.Handshake, failure.Failure);
        await IgnoreFailureAsync(client);
    }

    [TestMethod]
    public async Task AuthenticateAsServer_Garbage_Handshake()
    {
        await using StreamPair pair = await StreamPair.ConnectAsync();
        await pair.Client.WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
        PeerAuthenticationException failure = await Assert.ThrowsExactlyAsync<PeerAuthenticationException>(
            () => SecureStream.AuthenticateAsServerAsync(pair.Server, _bob).Soon());
        Assert.AreEqual(PeerAuthenticationFailure.Handshake, failure.Failure);
    }

    [TestMethod]
    public async Task AuthenticateAsClient_SilentServer_TimedOut()
    {
        await using StreamPair pair = await StreamPair.ConnectAsync();
        PeerAuthenticationException failure = await Assert.ThrowsExactlyAsync<PeerAuthenticationException>(
            () => SecureStream.AuthenticateAsClientAsync(pair.Client, _alice, null, TimeSpan.FromMilliseconds(50), default).Soon());
        Assert.AreEqual(PeerAuthenticationFailure.TimedOut, failure.Failure);
    }

    [TestMethod]
    public async Task AuthenticateAsClient_Cancelled_OperationCanceledAndTheStreamIsClosed()
    {
        await using StreamPair pair = await StreamPair.ConnectAsync();
        using var cancel = new CancellationTokenSource();
        Task<SecureStream> client = SecureStream.AuthenticateAsClientAsync(pair.Client, _alice, null, cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => client.Soon());
        Assert.IsFalse(pair.Client.CanRead);
    }

    [TestMethod]
    public async Task ShutdownAsync_OneSide_TheOtherReadsTheEndAndMayStillWrite()
    {
        await using StreamPair pair = await StreamPair.ConnectAsync();
        (SecureStream client, SecureStream server) = await AuthenticateAsync(pair, expected: null);
        await using SecureStream c = client, s = server;
        await client.ShutdownAsync().Soon();
        Assert.AreEqual(0, await server.ReadAsync(new byte[1]).AsTask().Soon());
        await server.WriteAsync(new byte[3]).AsTask().Soon();
        await client.ReadExactlyAsync(new byte[3]).AsTask().Soon();
    }

    [TestCleanup]
    public void DisposeIdentities()
    {
        _alice.Dispose();
        _bob.Dispose();
    }

    private async Task<(SecureStream Client, SecureStream Server)> AuthenticateAsync(StreamPair pair, PeerId? expected)
    {
        Task<SecureStream> server = SecureStream.AuthenticateAsServerAsync(pair.Server, _bob);
        SecureStream client = await SecureStream.AuthenticateAsClientAsync(pair.Client, _alice, expected).Soon();
        return (client, await server.Soon());
    }

    // TLS lets the server finish before the client has judged it; then the end comes with the first read.
    private static async Task<bool> EndsAsync(Task<SecureStream> server)
    {
        try
        {
            await using SecureStream stream = await server.Soon();
            return await stream.ReadAsync(new byte[1]).AsTask().Soon() == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static async Task BareClientAsync(Stream inner, SslProtocols protocols, X509Certificate2? certificate, string? alpn)
    {
        await using var tls = new SslStream(inner);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = string.Empty,
            EnabledSslProtocols = protocols,
            ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true),
            RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null,
            ApplicationProtocols = alpn is null ? null : [new SslApplicationProtocol(alpn)],
        });
        _ = await tls.ReadAsync(new byte[1]);
    }

    // How the other side notices is not what these tests are about; that it ends is.
    private static async Task IgnoreFailureAsync(Task task) =>
        await task.Soon().ContinueWith(t => t.Exception, TaskScheduler.Default);
}
