using System.Net;
using System.Net.Sockets;
using CS3103P2P.Peer.Connectivity;
using CS3103P2P.Peer.Tests.EndToEnd;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Tests.Connectivity;

[TestClass]
public sealed class PeerDialerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [TestMethod]
    public async Task DialAsync_BothWork_TakesTcpAndLeavesNothingBehind()
    {
        await using TestSwarm swarm = TestSwarm.WithoutTracker();
        PeerNode node = await swarm.AddAsync();
        await using var caller = new Caller();
        TransportAttempt attempt = await caller.Dialer.DialAsync(node.LocalAddress, node.Id, besideIce: false, CancellationToken.None).WaitAsync(Limit);
        await using (attempt.Secured.Stream)
        {
            Assert.AreEqual("tcp", attempt.Transport);
            Assert.AreEqual(node.Id, attempt.Secured.RemotePeer);
        }
    }

    [TestMethod]
    [DataRow(true, DisplayName = "TCP refuses")]
    [DataRow(false, DisplayName = "TCP is silent")]
    public async Task DialAsync_OnlyUtpWorks_TakesUtp(bool isRefused)
    {
        using PeerIdentity identity = PeerIdentity.Create();
        await using DatagramEndpoint endpoint = DatagramEndpoint.Bind(new DatagramEndpointOptions { LocalAddress = Loopback });
        await using var utp = new UtpTransport(endpoint, new UtpOptions());
        using var silent = new TcpListener(endpoint.LocalAddress.ToIPEndPoint());
        if (!isRefused) silent.Start();
        await using var caller = new Caller();
        Task<UtpStream> accepting = utp.AcceptAsync();
        Task<TransportAttempt> dialling = caller.Dialer.DialAsync(endpoint.LocalAddress, identity.Id, besideIce: false, CancellationToken.None);
        SecureStream server = await SecureStream.AuthenticateAsServerAsync(await accepting.WaitAsync(Limit), identity).WaitAsync(Limit);
        TransportAttempt attempt = await dialling.WaitAsync(Limit);
        Assert.AreEqual("utp", attempt.Transport);
        await attempt.Secured.Stream.DisposeAsync();
        await server.DisposeAsync();
    }

    [TestMethod]
    public async Task DialAsync_AnotherPeerAnswers_Fails()
    {
        await using TestSwarm swarm = TestSwarm.WithoutTracker();
        PeerNode node = await swarm.AddAsync();
        using PeerIdentity other = PeerIdentity.Create();
        await using var caller = new Caller();
        await Assert.ThrowsAsync<IOException>(() => caller.Dialer.DialAsync(node.LocalAddress, other.Id, besideIce: false, CancellationToken.None).WaitAsync(Limit));
    }

    [TestMethod]
    public async Task DialAsync_NobodyThere_FailsWhenCancelled()
    {
        await using DatagramEndpoint nobody = DatagramEndpoint.Bind(new DatagramEndpointOptions { LocalAddress = Loopback });
        await using var caller = new Caller();
        using var giveUp = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        await Assert.ThrowsAsync<OperationCanceledException>(() => caller.Dialer.DialAsync(nobody.LocalAddress, null, besideIce: false, giveUp.Token).WaitAsync(Limit));
    }

    [TestMethod]
    public async Task DialAsync_BesideIceAndTcpRefuses_LeavesUdpToIceAtFirst()
    {
        using PeerIdentity identity = PeerIdentity.Create();
        await using DatagramEndpoint endpoint = DatagramEndpoint.Bind(new DatagramEndpointOptions { LocalAddress = Loopback });
        await using var utp = new UtpTransport(endpoint, new UtpOptions());
        var time = new ManualTime();
        await using var caller = new Caller(time);
        Task<UtpStream> accepting = utp.AcceptAsync();
        Task<TransportAttempt> dialling = caller.Dialer.DialAsync(endpoint.LocalAddress, identity.Id, besideIce: true, CancellationToken.None);
        time.Advance(TimeSpan.FromMilliseconds(1_900));
        Assert.IsFalse(accepting.IsCompleted, "a connection to a bare address would not live on when addresses change");
        time.Advance(TimeSpan.FromMilliseconds(200));
        SecureStream server = await SecureStream.AuthenticateAsServerAsync(await accepting.WaitAsync(Limit), identity).WaitAsync(Limit);
        TransportAttempt attempt = await dialling.WaitAsync(Limit);
        Assert.AreEqual("utp", attempt.Transport);
        await attempt.Secured.Stream.DisposeAsync();
        await server.DisposeAsync();
    }

    private static TransportAddress Loopback => new(IPAddress.Loopback, 0);

    private sealed class Caller : IAsyncDisposable
    {
        private readonly PeerIdentity _identity = PeerIdentity.Create();
        private readonly DatagramEndpoint _endpoint = DatagramEndpoint.Bind(new DatagramEndpointOptions { LocalAddress = Loopback });
        private readonly UtpTransport _utp;

        public Caller(TimeProvider? time = null)
        {
            _utp = new UtpTransport(_endpoint, new UtpOptions { Linger = TimeSpan.FromSeconds(1) });
            Dialer = new PeerDialer(new TlsSecurity(_identity), _utp, new NodePlatform().Network, time ?? TimeProvider.System);
        }

        public PeerDialer Dialer { get; }

        public async ValueTask DisposeAsync()
        {
            await _utp.DisposeAsync();
            await _endpoint.DisposeAsync();
            _identity.Dispose();
        }
    }
}
