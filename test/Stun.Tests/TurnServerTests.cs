using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.Tests;

/// <summary>TURN client and server on real sockets.</summary>
[TestClass]
public sealed class TurnServerTests
{
    private static readonly TransportAddress Loopback = Addresses.Of("127.0.0.1");
    private static readonly TurnCredentials User = new("alice", "wonderland");
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [TestMethod]
    [DataRow(TurnTransport.Udp)]
    [DataRow(TurnTransport.Tcp)]
    [DataRow(TurnTransport.Tls)]
    public async Task Relay_BetweenAClientAndAPlainPeer_CarriesBothWays(TurnTransport transport)
    {
        using X509Certificate2 certificate = Certificate();
        await using TurnServer server = TurnServer.Start(Options(certificate));
        await using StunClient stun = StunClient.Bind(Loopback);
        using var peer = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var peerAddress = new TransportAddress((IPEndPoint)peer.Client.LocalEndPoint!);
        var received = new TaskCompletionSource<string>();
        TurnClient client = await AllocateAsync(stun, server, transport, (_, data) => received.TrySetResult(Encoding.UTF8.GetString(data)));
        await using (client)
        {
            Assert.IsNull(await client.AddPeerAsync(peerAddress));
            client.Send(peerAddress, "odd number."u8);
            UdpReceiveResult atPeer = await peer.ReceiveAsync(new CancellationTokenSource(Limit).Token);
            Assert.AreEqual("odd number.", Encoding.UTF8.GetString(atPeer.Buffer));
            Assert.AreEqual(client.RelayedAddress, new TransportAddress(atPeer.RemoteEndPoint));
            await peer.SendAsync("and back"u8.ToArray(), atPeer.RemoteEndPoint);
            Assert.AreEqual("and back", await received.Task.WaitAsync(Limit));
            Assert.AreEqual(1, server.AllocationCount);
        }

        Assert.AreEqual(0, server.AllocationCount);
        Assert.IsNull(await client.Ended);
    }

    [TestMethod]
    public async Task Relay_BetweenTwoClients_CarriesManyDatagrams()
    {
        await using TurnServer server = TurnServer.Start(Options());
        await using StunClient left = StunClient.Bind(Loopback);
        await using StunClient right = StunClient.Bind(Loopback);
        const int Count = 200;
        int arrived = 0;
        var all = new TaskCompletionSource();
        await using TurnClient sender = await AllocateAsync(left, server, TurnTransport.Udp, (_, _) => { });
        await using TurnClient receiver = await AllocateAsync(right, server, TurnTransport.Tcp, (_, _) =>
        {
            if (++arrived == Count) all.TrySetResult();
        });
        Assert.IsNull(await receiver.AddPeerAsync(sender.RelayedAddress));
        Assert.IsNull(await sender.AddPeerAsync(receiver.RelayedAddress));
        var data = new byte[1200];
        for (int i = 0; i < Count; i++) sender.Send(receiver.RelayedAddress, data);
        await all.Task.WaitAsync(Limit);
    }

    [TestMethod]
    public async Task AllocateAsync_WrongPasswordOrNobodyThere_IsAFailureNotAnException()
    {
        await using TurnServer server = TurnServer.Start(Options());
        await using StunClient stun = StunClient.Bind(Loopback);
        ushort port = server.LocalAddress.Port;
        var wrong = new TurnUri("127.0.0.1", port, TurnTransport.Tcp, User with { Password = "x" });
        Assert.AreEqual(401, (await TurnClient.AllocateAsync(stun, wrong, (_, _) => { })).Failure?.ErrorCode);
        var noName = new TurnUri("nowhere.invalid", port, TurnTransport.Udp, User);
        Assert.AreEqual(StunOutcome.NameNotResolved, (await TurnClient.AllocateAsync(stun, noName, (_, _) => { })).Failure?.Outcome);
        await server.DisposeAsync();
        var gone = new TurnUri("127.0.0.1", port, TurnTransport.Tcp, User);
        Assert.AreEqual(StunOutcome.Closed, (await TurnClient.AllocateAsync(stun, gone, (_, _) => { })).Failure?.Outcome);
    }

    [TestMethod]
    public async Task Tls_WithAnUntrustedCertificate_IsRefused()
    {
        using X509Certificate2 certificate = Certificate();
        await using TurnServer server = TurnServer.Start(Options(certificate));
        await using StunClient stun = StunClient.Bind(Loopback);
        var uri = new TurnUri("127.0.0.1", server.TlsLocalAddress!.Value.Port, TurnTransport.Tls, User);
        Assert.AreEqual(StunOutcome.Closed, (await TurnClient.AllocateAsync(stun, uri, (_, _) => { })).Failure?.Outcome);
    }

    [TestMethod]
    [DataRow(TurnTransport.Udp)]
    [DataRow(TurnTransport.Tcp)]
    public async Task Ended_WhenTheWayToTheServerIsGone_TellsWhy(TurnTransport transport)
    {
        TurnServer server = TurnServer.Start(Options());
        StunClient stun = StunClient.Bind(Loopback);
        TurnClient client = await AllocateAsync(stun, server, transport, (_, _) => { });
        await stun.DisposeAsync();
        await server.DisposeAsync();
        Assert.AreEqual(StunOutcome.Closed, (await client.Ended.WaitAsync(Limit))?.Outcome);
        Assert.AreEqual(StunOutcome.Closed, (await client.AddPeerAsync(Loopback.WithPort(9)))?.Outcome);
        await client.DisposeAsync();
    }

    [TestMethod]
    public async Task Binding_AtTheRelaysPort_IsAnswered()
    {
        await using TurnServer server = TurnServer.Start(Options());
        await using StunClient stun = StunClient.Bind(Loopback);
        Assert.AreEqual(stun.LocalAddress, (await stun.QueryAsync(server.LocalAddress)).MappedAddress);
    }

    [TestMethod]
    public async Task Stream_OfGarbage_IsClosed()
    {
        await using TurnServer server = TurnServer.Start(Options());
        using var client = new TcpClient();
        await client.ConnectAsync(server.LocalAddress.ToIPEndPoint());
        await client.GetStream().WriteAsync(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF });
        Assert.AreEqual(0, await client.GetStream().ReadAsync(new byte[1], new CancellationTokenSource(Limit).Token));
    }

    [TestMethod]
    public void Start_WithOptionsThatContradict_Throws()
    {
        TurnServerOptions nobody = new();
        Assert.ThrowsExactly<ArgumentException>(() => TurnServer.Start(new TurnListenOptions { Policy = nobody, RelayAddress = IPAddress.Loopback }));
        Assert.ThrowsExactly<ArgumentException>(() => TurnServer.Start(new TurnListenOptions { Policy = Policy() }));
    }

    private static TurnServerOptions Policy() => new() { Users = [User], AllowPrivatePeers = true };

    private static TurnListenOptions Options(X509Certificate2? certificate = null) => new()
    {
        Policy = Policy(),
        ListenAddress = Loopback,
        RelayAddress = IPAddress.Loopback,
        FirstRelayPort = 0,
        TlsListenAddress = certificate is null ? null : Loopback,
        Certificate = certificate,
    };

    private static async Task<TurnClient> AllocateAsync(StunClient stun, TurnServer server, TurnTransport transport, TurnDataReceived received)
    {
        TransportAddress address = transport == TurnTransport.Tls ? server.TlsLocalAddress!.Value : server.LocalAddress;
        var options = new TurnClientOptions { CertificateValidation = (_, shown, _, _) => shown?.Subject == "CN=relay.test" };
        TurnAllocateResult result = await TurnClient.AllocateAsync(stun, new TurnUri("127.0.0.1", address.Port, transport, User), received, options);
        Assert.IsNotNull(result.Client, $"{result.Failure}");
        return result.Client;
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=relay.test", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
