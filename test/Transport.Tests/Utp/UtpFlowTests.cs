using CS3103P2P.Protocol;
using CS3103P2P.Transport.Utp;

namespace CS3103P2P.Transport.Tests.Utp;

[TestClass]
public sealed class UtpFlowTests
{
    private const int OneMebibyte = 1024 * 1024;

    [TestMethod]
    [DataRow(1, 0.0)]
    [DataRow(2, 0.1)]
    public void Sender_StopsWhenTheReaderDoes_AndGoesOnWithIt(int seed, double loss)
    {
        var options = new UtpOptions { ReceiveWindowBytes = 128 * 1024 };
        var pair = new UtpPair(seed, options);
        pair.SetBoth(link => link.Loss = loss);
        (UtpConnection client, UtpConnection server) = pair.Establish();
        var transfer = new UtpTransfer(pair, client, server, OneMebibyte);
        while (transfer.Written == 0) transfer.Pump();
        byte[] none = [];
        pair.RunUntil(() => none.Length > 0, 40);
        Assert.IsInRange(100 * 1024, options.ReceiveWindowBytes + ReceiveWindow.ReserveBytes, server.Incoming.UsedBytes, $"seed {seed}");
        Assert.AreEqual(UtpState.Connected, client.State);
        transfer.AssertArrives(300);
    }

    [TestMethod]
    public void ShutWindow_WhoseReopeningIsLost_IsProbed()
    {
        var pair = new UtpPair(3, new UtpOptions { ReceiveWindowBytes = 64 * 1024 });
        (UtpConnection client, UtpConnection server) = pair.Establish();
        client.Outgoing.Write(new byte[400_000]);
        pair.Touch(client);
        pair.Run(5);
        int before = server.Incoming.UsedBytes;
        server.Incoming.ReleaseTo(server.Incoming.WrittenPosition);
        pair.ToClient.Loss = 1;
        server.HandleRead();
        pair.Server.Touch(server);
        pair.Run(1);
        Assert.AreEqual(0, server.Incoming.UsedBytes);
        pair.ToClient.Loss = 0;
        Assert.IsTrue(pair.RunUntil(() => server.Incoming.UsedBytes > before / 2, 30));
    }

    [TestMethod]
    public void MtuSearch_FindsTheSizeThatThePathCarries()
    {
        var pair = new UtpPair(4, new UtpOptions { MaxDatagramBytes = 1_472, Congestion = UtpCongestion.Ledbat });
        pair.ToServer.Mtu = 1_330;
        pair.ToServer.BytesPerSecond = 5_000_000;
        (UtpConnection client, UtpConnection server) = pair.Establish();
        new UtpTransfer(pair, client, server, 16 * OneMebibyte).AssertArrives(300);
        Assert.IsInRange(1_330 - MtuProber.PrecisionBytes, 1_330, client.DatagramBytes);
        Assert.IsGreaterThan(100_000, client.CongestionWindowBytes, "Lost probes must not count as congestion.");
    }

    [TestMethod]
    public void BlackHole_ThatAppearsInMidTransfer_IsGotRoundByFragmentsAndSmallerDatagrams()
    {
        var pair = new UtpPair(5);
        (UtpConnection client, UtpConnection server) = pair.Establish();
        pair.SetBoth(link => link.BytesPerSecond = 2_000_000);
        var transfer = new UtpTransfer(pair, client, server, 8 * OneMebibyte);
        pair.RunUntil(transfer.Pump, 2);
        Assert.AreEqual(1_452, client.DatagramBytes);
        pair.ToServer.Mtu = 1_250;
        transfer.AssertArrives(120);
        Assert.IsInRange(1_200, 1_250, client.DatagramBytes);
    }

    [TestMethod]
    public void Migrate_MovesTheTransferToAnotherAddress()
    {
        var pair = new UtpPair(6);
        (UtpConnection client, UtpConnection server) = pair.Establish();
        pair.SetBoth(link => link.BytesPerSecond = 2_000_000);
        var transfer = new UtpTransfer(pair, client, server, 4 * OneMebibyte);
        pair.RunUntil(transfer.Pump, 0.5);
        TransportAddress moved = TransportAddress.FromIPv4(0xCB007107, 4_000);
        Assert.IsTrue(pair.Server.Migrate(pair.Now, server, moved));
        pair.ClientSource = moved;
        transfer.AssertArrives(60);
        Assert.AreEqual(moved, server.RemoteAddress);
        Assert.AreEqual(1, pair.Server.ConnectionCount);
        server.Abort(UtpCloseReason.Aborted);
        pair.Server.Touch(server);
        pair.Run(1);
        Assert.AreEqual(0, pair.Server.ConnectionCount + pair.Client.ConnectionCount);
    }

    [TestMethod]
    public void ManyConnections_ShareOneMachine()
    {
        const int Connections = 100;
        var pair = new UtpPair(7);
        UtpConnection[] clients = [.. Enumerable.Range(0, Connections).Select(_ => pair.Connect())];
        Assert.IsTrue(pair.RunUntil(() => pair.Accepted.Count == Connections, 30));
        foreach (UtpConnection client in clients)
        {
            client.Outgoing.Write(new byte[50_000]);
            client.ShutdownWrite();
            pair.Touch(client);
        }

        Assert.IsTrue(pair.RunUntil(() => pair.Accepted.TrueForAll(server => server.IsReceiveFinished), 60));
        Assert.IsTrue(pair.Accepted.TrueForAll(server => server.Incoming.UsedBytes == 50_000));
    }
}
