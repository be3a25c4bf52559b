using System.Net;
using System.Net.Sockets;
using CS3103P2P.Protocol;
using CS3103P2P.Stun.Ice;

namespace CS3103P2P.Stun.Tests;

/// <summary>Connections on real sockets that cannot come about, each with the reason that it has; and one by IPv6 that can.</summary>
[TestClass]
public sealed class IceFailureTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private static readonly TurnCredentials Stranger = new("stranger", "unknown");
    private static readonly TurnCredentials User = new("user", "password");

    [TestMethod]
    public async Task ConnectAsync_NobodyAnswersTheOffer_FailsWithNoAnswer()
    {
        await using var a = new IceNode(1, Impatient);
        IceConnectResult result = await a.Ice.ConnectAsync(IceNode.IdOf(9), (_, _, _) => Task.FromResult(true)).WaitAsync(Deadline);
        Assert.AreEqual(IceFailureReason.NoAnswer, result.Failure?.Reason);
    }

    [TestMethod]
    public async Task ConnectAsync_NothingGetsThroughAndNoRelay_FailsWithRelayAbsent() =>
        Assert.AreEqual(IceFailureReason.RelayAbsent, await FailAsync(relay: null));

    [TestMethod]
    public async Task ConnectAsync_NothingGetsThroughAndTheRelayKnowsUsNot_FailsWithRelayRefused()
    {
        await using TurnServer relay = StartRelay(Stranger, maxAllocations: 10);
        Assert.AreEqual(IceFailureReason.RelayRefused, await FailAsync(relay));
    }

    [TestMethod]
    public async Task ConnectAsync_NothingGetsThroughAndTheRelayIsFull_FailsWithRelayQuota()
    {
        await using TurnServer relay = StartRelay(User, maxAllocations: 1);
        await using StunClient other = StunClient.Bind(new TransportAddress(IPAddress.Loopback, 0));
        TurnAllocateResult taken = await TurnClient.AllocateAsync(
            other, new TurnUri("127.0.0.1", relay.LocalAddress.Port, TurnTransport.Udp, User), static (_, _) => { }).WaitAsync(Deadline);
        Assert.IsNotNull(taken.Client, $"{taken.Failure}");
        await using TurnClient holder = taken.Client;

        Assert.AreEqual(IceFailureReason.RelayQuota, await FailAsync(relay));
    }

    [TestMethod]
    public async Task ConnectAsync_ByIPv6Alone_IsDirect()
    {
        if (!Socket.OSSupportsIPv6) Assert.Inconclusive("This machine has no IPv6.");
        await using var a = new IceNode(1, address: IPAddress.IPv6Loopback);
        await using var b = new IceNode(2, address: IPAddress.IPv6Loopback);
        IceConnectResult result = await a.ConnectAsync(b).WaitAsync(Deadline);
        Assert.IsNull(result.Failure, result.Failure?.ToString());
        Assert.IsFalse(result.Connection!.IsRelayed);
        Assert.AreEqual(b.Endpoint.LocalAddress, result.Connection.Path?.Remote);
        Assert.IsFalse(result.Connection.Path!.Value.Remote.IsIPv4);
    }

    // Both name an address at which a socket takes everything and says nothing, as a NAT does that lets nothing in.
    private static async Task<IceFailureReason?> FailAsync(TurnServer? relay)
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var address = new TransportAddress((IPEndPoint)silent.LocalEndPoint!);
        await using var a = new IceNode(1, Impatient, relay, local: OnlySilent);
        await using var b = new IceNode(2, Impatient, relay, local: OnlySilent);
        IceConnectResult[] results = await Task.WhenAll(a.ConnectAsync(b), b.ConnectAsync(a)).WaitAsync(Deadline);
        return results[0].Failure?.Reason;

        IceLocalDescription OnlySilent(IceLocalDescription local) =>
            local with { Candidates = [IceCandidate.Create(IceCandidateType.Host, address)] };
    }

    private static TurnServer StartRelay(TurnCredentials user, int maxAllocations) => TurnServer.Start(new TurnListenOptions
    {
        Policy = new TurnServerOptions { Users = [user], AllowPrivatePeers = true, MaxAllocations = maxAllocations },
        ListenAddress = new TransportAddress(IPAddress.Loopback, 0),
        RelayAddress = IPAddress.Loopback,
        FirstRelayPort = 0,
    });

    private static IceAgentSettings Impatient(IceAgentSettings settings) =>
        settings with { OfferTimeout = TimeSpan.FromSeconds(1), CheckTimeout = TimeSpan.FromSeconds(2) };
}
