using System.Net;
using System.Net.Sockets;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Tests;

/// <summary>Client and server on real sockets.</summary>
[TestClass]
public sealed class StunClientTests
{
    private static readonly TransportAddress Loopback = Addresses.Of("127.0.0.1");

    [TestMethod]
    [DataRow("127.0.0.1")]
    [DataRow("[::1]")]
    public async Task QueryAsync_OverLoopback_TellsTheSocketsOwnAddress(string listen)
    {
        await using StunServer server = StunServer.Start(new StunServerOptions { ListenAddress = Addresses.Of(listen) });
        await using StunClient client = StunClient.Bind(Addresses.Of(listen));
        StunBindingResult result = await client.QueryAsync(server.LocalAddress);
        Assert.AreEqual(StunOutcome.Success, result.Outcome);
        Assert.AreEqual(client.LocalAddress, result.MappedAddress);
        Assert.AreEqual(server.LocalAddress, result.Source);
    }

    [TestMethod]
    public async Task QueryAsync_OverASharedSocket_TellsItsPort()
    {
        await using StunServer server = StunServer.Start(new StunServerOptions { ListenAddress = Loopback });
        await using DatagramEndpoint endpoint = DatagramEndpoint.Bind(new DatagramEndpointOptions());
        await using StunClient client = StunClient.Attach(endpoint);
        StunBindingResult result = await client.QueryAsync($"localhost:{server.LocalAddress.Port}");
        Assert.AreEqual(Loopback.WithPort(endpoint.LocalAddress.Port), result.MappedAddress);
    }

    [TestMethod]
    public async Task QueryAsync_ManyAtOnce_AllAnswered()
    {
        await using StunServer server = StunServer.Start(new StunServerOptions { ListenAddress = Loopback });
        await using StunClient client = StunClient.Bind(Loopback);
        StunBindingResult[] results = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => client.QueryAsync(server.LocalAddress)));
        Assert.IsTrue(results.All(r => r.MappedAddress == client.LocalAddress));
    }

    [TestMethod]
    public async Task QueryAsync_SilentServer_TimesOut()
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var options = new StunClientOptions { Retransmission = new StunRetransmission(TimeSpan.FromMilliseconds(10), 3, 2) };
        await using StunClient client = StunClient.Bind(Loopback, options);
        StunBindingResult result = await client.QueryAsync(new TransportAddress((IPEndPoint)silent.LocalEndPoint!));
        Assert.AreEqual(StunOutcome.TimedOut, result.Outcome);
    }

    [TestMethod]
    public async Task QueryAsync_Cancelled_Throws()
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using StunClient client = StunClient.Bind(Loopback);
        using var cancel = new CancellationTokenSource();
        Task<StunBindingResult> query = client.QueryAsync(new TransportAddress((IPEndPoint)silent.LocalEndPoint!), cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => query);
    }

    [TestMethod]
    public async Task QueryAsync_SocketClosedMeanwhile_IsClosed()
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        StunClient client = StunClient.Bind(Loopback);
        Task<StunBindingResult> query = client.QueryAsync(new TransportAddress((IPEndPoint)silent.LocalEndPoint!));
        await client.DisposeAsync();
        Assert.AreEqual(StunOutcome.Closed, (await query).Outcome);
        Assert.AreEqual(StunOutcome.Closed, (await client.QueryAsync(Loopback.WithPort(9))).Outcome);
    }

    [TestMethod]
    [DataRow("no such name.invalid")]
    [DataRow("host:99999")]
    [DataRow(":3478")]
    [DataRow("1:2:3")]
    public async Task QueryAsync_NameWithoutAddress_IsNotResolved(string name)
    {
        await using StunClient client = StunClient.Bind(Loopback);
        Assert.AreEqual(StunOutcome.NameNotResolved, (await client.QueryAsync(name)).Outcome);
    }

    [TestMethod]
    public async Task DiscoverNatAsync_AgainstOurFourAddresses_FindsNoNat()
    {
        var options = new StunServerOptions { ListenAddress = Loopback, AlternateAddress = Addresses.Of("127.0.0.2") };
        await using StunServer server = StunServer.Start(options);
        await using StunClient client = StunClient.Bind(Addresses.Of("0.0.0.0"));
        NatBehavior found = await client.DiscoverNatAsync([server.LocalAddress]);
        Assert.AreEqual((NatMapping.None, NatFiltering.EndpointIndependent), (found.Mapping, found.Filtering));
        Assert.AreEqual(Loopback.WithPort(client.LocalAddress.Port), found.PublicAddress);
    }

    [TestMethod]
    public void Start_WithAddressesThatContradict_Throws()
    {
        foreach (string alternate in new[] { "127.0.0.1", "[::1]", "0.0.0.0" })
        {
            var options = new StunServerOptions { ListenAddress = Loopback, AlternateAddress = Addresses.Of(alternate) };
            Assert.ThrowsExactly<ArgumentException>(() => StunServer.Start(options), alternate);
        }
    }
}
