using CS3103P2P.Transport.Utp;

namespace CS3103P2P.Transport.Tests.Utp;

[TestClass]
public sealed class UtpCloseTests
{
    [TestMethod]
    [DataRow(1, 0.0)]
    [DataRow(2, 0.2)]
    public void ShutdownWrite_EndsOneDirection_AndThenTheOther(int seed, double loss)
    {
        var pair = new UtpPair(seed);
        pair.SetBoth(link => link.Loss = loss);
        (UtpConnection client, UtpConnection server) = pair.Establish();
        client.ShutdownWrite();
        pair.Touch(client);
        Assert.IsTrue(pair.RunUntil(() => server.IsReceiveFinished, 60), $"no end; seed {seed}");
        Assert.IsFalse(client.IsReceiveFinished);
        new UtpTransfer(pair, server, client, 200_000).AssertArrives(120);
        server.ShutdownWrite();
        pair.Server.Touch(server);
        Assert.IsTrue(pair.RunUntil(() => pair.Client.ConnectionCount + pair.Server.ConnectionCount == 0, 120), $"not gone; seed {seed}");
        Assert.AreEqual(UtpCloseReason.Finished, client.CloseReason);
        Assert.AreEqual(UtpCloseReason.Finished, server.CloseReason);
    }

    [TestMethod]
    [DataRow(3, 0.0)]
    [DataRow(4, 0.1)]
    public void Close_OnBothSidesAtOnce_Finishes(int seed, double loss)
    {
        var pair = new UtpPair(seed);
        pair.SetBoth(link => link.Loss = loss);
        (UtpConnection client, UtpConnection server) = pair.Establish();
        client.Close(pair.Now);
        server.Close(pair.Now);
        pair.Client.Touch(client);
        pair.Server.Touch(server);
        Assert.IsTrue(pair.RunUntil(() => pair.Client.ConnectionCount + pair.Server.ConnectionCount == 0, 60));
        Assert.AreEqual(UtpCloseReason.Finished, client.CloseReason, $"seed {seed}");
        Assert.AreEqual(UtpCloseReason.Finished, server.CloseReason, $"seed {seed}");
    }

    [TestMethod]
    public void Close_AfterWriting_DeliversAndDiscardsWhatThePeerSends()
    {
        var pair = new UtpPair(5);
        (UtpConnection client, UtpConnection server) = pair.Establish();
        client.Outgoing.Write(new byte[50_000]);
        server.Outgoing.Write(new byte[50_000]);
        client.Close(pair.Now);
        server.ShutdownWrite();
        pair.Server.Touch(server);
        pair.Touch(client);
        Assert.IsTrue(pair.RunUntil(() => server.IsReceiveFinished && pair.Client.ConnectionCount == 0, 30));
        Assert.AreEqual(50_000, server.Incoming.UsedBytes);
        Assert.AreEqual(0, client.Incoming.UsedBytes);
        Assert.AreEqual(UtpCloseReason.Finished, client.CloseReason);
    }

    [TestMethod]
    public void Close_WhenThePeerNeverCloses_ResetsAfterTheLinger()
    {
        var pair = new UtpPair(6, new UtpOptions { Linger = TimeSpan.FromSeconds(4) });
        (UtpConnection client, UtpConnection server) = pair.Establish();
        client.Close(pair.Now);
        pair.Touch(client);
        pair.Run(5);
        Assert.AreEqual(0, pair.Client.ConnectionCount);
        Assert.AreEqual(UtpCloseReason.Reset, server.CloseReason);
        Assert.IsTrue(server.IsReceiveFinished);
    }

    [TestMethod]
    public void Close_WhenThePeerIsGone_EndsAfterTheLinger()
    {
        var pair = new UtpPair(7, new UtpOptions { Linger = TimeSpan.FromSeconds(4) });
        (UtpConnection client, _) = pair.Establish();
        client.Outgoing.Write(new byte[50_000]);
        pair.SetBoth(link => link.Loss = 1);
        client.Close(pair.Now);
        pair.Touch(client);
        pair.Run(5);
        Assert.AreEqual(UtpCloseReason.TimedOut, client.CloseReason);
    }

    [TestMethod]
    public void Abort_TellsThePeer()
    {
        var pair = new UtpPair(8);
        (UtpConnection client, UtpConnection server) = pair.Establish();
        client.Abort(UtpCloseReason.Aborted);
        pair.Touch(client);
        pair.Run(1);
        Assert.AreEqual(UtpCloseReason.Aborted, client.CloseReason);
        Assert.AreEqual(UtpCloseReason.Reset, server.CloseReason);
        Assert.AreEqual(0, pair.Client.ConnectionCount + pair.Server.ConnectionCount);
    }

    [TestMethod]
    public void Idle_Connections_StayAlive_AndSendSignsOfLife()
    {
        var pair = new UtpPair(9);
        (UtpConnection client, UtpConnection server) = pair.Establish();
        int before = pair.DatagramsToServer;
        pair.Run(600);
        Assert.AreEqual(UtpState.Connected, client.State);
        Assert.AreEqual(UtpState.Connected, server.State);
        Assert.IsInRange(20, 60, pair.DatagramsToServer - before);
        new UtpTransfer(pair, client, server, 10_000).AssertArrives(10);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void SilentPeer_IsGivenUpAfterThePeerTimeout(bool withData)
    {
        var pair = new UtpPair(10);
        (UtpConnection client, _) = pair.Establish();
        pair.SetBoth(link => link.Loss = 1);
        if (withData) client.Outgoing.Write(new byte[10_000]);
        pair.Touch(client);
        pair.Run(55);
        Assert.AreEqual(UtpState.Connected, client.State);
        pair.Run(10);
        Assert.AreEqual(UtpCloseReason.TimedOut, client.CloseReason);
    }
}
