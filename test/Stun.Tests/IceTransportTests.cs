using CS3103P2P.Protocol;
using CS3103P2P.Stun.Ice;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Tests;

/// <summary>Agents on real sockets of one machine, with offers carried in memory.</summary>
[TestClass]
public sealed class IceTransportTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(15);

    [TestMethod]
    public async Task ConnectAsync_TwoPeersOnOneMachine_CarryUtpOverTheLastingAddress()
    {
        await using var a = new IceNode(1);
        await using var b = new IceNode(2);
        IceConnectResult result = await a.ConnectAsync(b).WaitAsync(Deadline);
        Assert.IsNull(result.Failure, result.Failure?.ToString());
        IceConnection connection = result.Connection!;
        Assert.IsFalse(connection.IsRelayed);
        Assert.IsTrue(await ExchangeAsync(a, b, connection.Address, 1 << 20));
    }

    [TestMethod]
    public async Task ConnectAsync_BothSidesAtOnce_BothConnect()
    {
        await using var a = new IceNode(1);
        await using var b = new IceNode(2);
        IceConnectResult[] results = await Task.WhenAll(a.ConnectAsync(b), b.ConnectAsync(a)).WaitAsync(Deadline);
        Assert.IsTrue(results.All(r => r.Failure is null));
        Assert.IsTrue(await ExchangeAsync(a, b, results[0].Connection!.Address, 100_000));
    }

    [TestMethod]
    public async Task ConnectAsync_OffersGetLost_ConnectsByRepetition()
    {
        await using var a = new IceNode(1) { OffersToLose = 1 };
        await using var b = new IceNode(2) { OffersToLose = 1 };
        IceConnectResult result = await a.ConnectAsync(b).WaitAsync(Deadline);
        Assert.IsNull(result.Failure, result.Failure?.ToString());
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public async Task ConnectAsync_ByRelayWhileAnOfferGetsLost_ConnectsByRepetition(int lost)
    {
        await using TurnServer relay = IceNode.StartRelay();
        await using var a = new IceNode(1, relay: relay) { OfferToLose = lost };
        await using var b = new IceNode(2, relay: relay);
        IceConnectResult result = await a.ConnectAsync(b).WaitAsync(Deadline);
        Assert.IsNull(result.Failure, result.Failure?.ToString());
    }

    [TestMethod]
    public async Task ConnectAsync_NobodyKnowsThePeer_FailsWithOfferNotDelivered()
    {
        await using var a = new IceNode(1);
        IceConnectResult result = await a.Ice.ConnectAsync(IceNode.IdOf(9), (_, _, _) => Task.FromResult(false)).WaitAsync(Deadline);
        Assert.AreEqual(IceFailureReason.OfferNotDelivered, result.Failure?.Reason);
    }

    [TestMethod]
    public async Task DisposeAsync_OfOneSide_EndsTheOtherByConsent()
    {
        await using var a = new IceNode(1, settings => settings with { ConsentTimeout = TimeSpan.FromSeconds(2), DoubtAfter = TimeSpan.FromMilliseconds(500), ConsentInterval = TimeSpan.FromMilliseconds(200) });
        await using var b = new IceNode(2);
        IceConnectResult result = await a.ConnectAsync(b).WaitAsync(Deadline);
        await b.DisposeAsync();
        IceFailure failure = await result.Connection!.Ended.WaitAsync(Deadline);
        Assert.AreEqual(IceFailureReason.ConsentLost, failure.Reason);
    }

    [TestMethod]
    public async Task ConnectAsync_Cancelled_EndsTheAttempt()
    {
        await using var a = new IceNode(1);
        using var cancel = new CancellationTokenSource();
        Task<IceConnectResult> connecting = a.Ice.ConnectAsync(IceNode.IdOf(9), (_, _, _) => Task.FromResult(true), cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => connecting.WaitAsync(Deadline));
    }

    [TestMethod]
    public async Task HandleOffer_Garbage_IsIgnored()
    {
        await using var a = new IceNode(1);
        a.Ice.HandleOffer(IceNode.IdOf(9), new byte[100], (_, _, _) => Task.FromResult(true));
        a.Ice.HandleOffer(IceNode.IdOf(9), default, (_, _, _) => Task.FromResult(true));
        await a.Endpoint.InvokeAsync(static () => { }).WaitAsync(Deadline);
        Assert.AreEqual(0, a.OffersSent);
    }

    [TestMethod]
    public async Task ConnectAsync_OnlyARelayBetween_CarriesUtpByIt()
    {
        await using TurnServer relay = IceNode.StartRelay();
        await using var a = new IceNode(1, relay: relay);
        await using var b = new IceNode(2, relay: relay);
        IceConnectResult result = await a.ConnectAsync(b).WaitAsync(Deadline);
        Assert.IsNull(result.Failure, result.Failure?.ToString());
        Assert.IsTrue(result.Connection!.IsRelayed);
        Assert.IsTrue(await ExchangeAsync(a, b, result.Connection.Address, 200_000));
    }

    private static async Task<bool> ExchangeAsync(IceNode a, IceNode b, TransportAddress address, int bytes)
    {
        byte[] data = new byte[bytes];
        new Random(bytes).NextBytes(data);
        Task<UtpStream> accepting = b.Utp.AcceptAsync();
        await using UtpStream outgoing = await a.Utp.ConnectAsync(address).WaitAsync(Deadline);
        await using UtpStream incoming = await accepting.WaitAsync(Deadline);
        byte[] received = new byte[bytes];
        Task reading = incoming.ReadExactlyAsync(received).AsTask();
        await outgoing.WriteAsync(data).AsTask().WaitAsync(Deadline);
        await reading.WaitAsync(Deadline);
        await incoming.WriteAsync(data).AsTask().WaitAsync(Deadline);
        byte[] back = new byte[bytes];
        await outgoing.ReadExactlyAsync(back).AsTask().WaitAsync(Deadline);
        return data.AsSpan().SequenceEqual(received) && data.AsSpan().SequenceEqual(back);
    }
}
