using System.Net;
using System.Net.Sockets;
using System.Text;
using CS3103P2P.Protocol;
using CS3103P2P.Stun;

namespace CS3103P2P.Interop;

/// <summary>Our TURN client with coturn.</summary>
[TestClass]
public sealed class TurnClientInteropTests
{
    private static readonly TransportAddress Loopback = new(IPAddress.Loopback, 0);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);
    private static readonly TurnCredentials User =
        TurnCredentials.CreateEphemeral(StunCoturn.Secret, "peer", DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds());

    [TestMethod]
    [DataRow(TurnTransport.Udp)]
    [DataRow(TurnTransport.Tcp)]
    [DataRow(TurnTransport.Tls)]
    public async Task TurnClient_WithCoturn_RelaysBothWays(TurnTransport transport)
    {
        await using StunCoturn coturn = await StunCoturn.StartAsync();
        await using StunClient stun = StunClient.Bind(Loopback);
        using var peer = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var peerAddress = new TransportAddress((IPEndPoint)peer.Client.LocalEndPoint!);
        var received = new TaskCompletionSource<(TransportAddress Peer, string Text)>();
        int port = transport == TurnTransport.Tls ? coturn.TlsPort : coturn.Address.Port;
        var uri = new TurnUri("127.0.0.1", (ushort)port, transport, User);
        var options = new TurnClientOptions { CertificateValidation = (_, shown, _, _) => shown?.Subject == $"CN={StunCoturn.Realm}" };
        TurnAllocateResult result = await TurnClient.AllocateAsync(stun, uri, (from, data) => received.TrySetResult((from, Encoding.UTF8.GetString(data))), options);
        Assert.IsNotNull(result.Client, $"{result.Failure}\n{coturn.Output}");
        await using TurnClient client = result.Client;
        Assert.IsTrue(client.RelayedAddress.IsLoopback);
        Assert.IsNull(await client.AddPeerAsync(peerAddress));

        client.Send(peerAddress, "from behind"u8);
        UdpReceiveResult atPeer = await peer.ReceiveAsync(new CancellationTokenSource(Limit).Token);
        Assert.AreEqual("from behind", Encoding.UTF8.GetString(atPeer.Buffer));
        Assert.AreEqual(client.RelayedAddress, new TransportAddress(atPeer.RemoteEndPoint));

        await peer.SendAsync(Encoding.UTF8.GetBytes("from outside!"), atPeer.RemoteEndPoint);
        Assert.AreEqual((peerAddress, "from outside!"), await received.Task.WaitAsync(Limit));
        await client.DisposeAsync();
        Assert.IsNull(await client.Ended);
    }

    [TestMethod]
    public async Task TurnClient_WithAWrongPassword_IsRefusedByCoturn()
    {
        await using StunCoturn coturn = await StunCoturn.StartAsync();
        await using StunClient stun = StunClient.Bind(Loopback);
        var uri = new TurnUri("127.0.0.1", coturn.Address.Port, TurnTransport.Udp, User with { Password = "wrong" });
        TurnAllocateResult result = await TurnClient.AllocateAsync(stun, uri, (_, _) => { });
        Assert.AreEqual((StunOutcome.Refused, 401), (result.Failure?.Outcome, result.Failure?.ErrorCode));
    }
}
