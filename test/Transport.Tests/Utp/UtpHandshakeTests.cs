using CS3103P2P.Protocol;
using CS3103P2P.Transport.Utp;

namespace CS3103P2P.Transport.Tests.Utp;

[TestClass]
public sealed class UtpHandshakeTests
{
    [TestMethod]
    public void Connect_OnACleanPath_TakesOneRoundTrip()
    {
        var pair = new UtpPair(1);
        MonotonicTime start = pair.Now;
        (UtpConnection client, UtpConnection server) = pair.Establish();
        Assert.AreEqual(30, (pair.Now - start).TotalMilliseconds);
        Assert.AreEqual(client.ReceiveId, server.SendId);
        Assert.AreEqual(client.SendId, server.ReceiveId);
        Assert.AreEqual(UtpPair.ClientAddress, server.RemoteAddress);
    }

    [TestMethod]
    [DataRow((int)UtpPacketType.Syn, true, 2)]
    [DataRow((int)UtpPacketType.State, false, 3)]
    public void Connect_WhenTheFirstPacketsAreLost_Succeeds(int lost, bool toServer, int howMany)
    {
        var pair = new UtpPair(2);
        int left = howMany;
        VirtualLink link = toServer ? pair.ToServer : pair.ToClient;
        link.Drop = datagram => datagram[0] >> 4 == lost && left-- > 0;
        (UtpConnection client, UtpConnection server) = pair.Establish();
        new UtpTransfer(pair, client, server, 100_000).AssertArrives(60);
    }

    [TestMethod]
    public void Connect_WhenTheConfirmationIsLost_LetsTheServerSpeakFirstAllTheSame()
    {
        var pair = new UtpPair(3);
        int left = 1;
        pair.ToServer.Drop = datagram => datagram[0] >> 4 == (int)UtpPacketType.State && left-- > 0;
        (UtpConnection client, UtpConnection server) = pair.Establish();
        Assert.IsLessThan(3, (pair.Now - default(MonotonicTime)).TotalSeconds);
        new UtpTransfer(pair, server, client, 100_000).AssertArrives(60);
    }

    [TestMethod]
    public void Connect_WithEveryPacketTwice_OpensOneConnection()
    {
        var pair = new UtpPair(4);
        pair.SetBoth(link => link.Duplication = 1);
        (UtpConnection client, UtpConnection server) = pair.Establish();
        new UtpTransfer(pair, client, server, 100_000).AssertArrives(60);
        Assert.HasCount(1, pair.Accepted);
        Assert.AreEqual(1, pair.Server.ConnectionCount);
    }

    [TestMethod]
    public void Connect_WithoutAnswer_TimesOut()
    {
        var pair = new UtpPair(5, new UtpOptions { ConnectTimeout = TimeSpan.FromSeconds(5) });
        pair.ToServer.Loss = 1;
        UtpConnection client = pair.Connect();
        pair.Run(6);
        Assert.AreEqual(UtpCloseReason.TimedOut, client.CloseReason);
        Assert.AreEqual(0, pair.Client.ConnectionCount);
        Assert.AreEqual(UtpEvents.Closed, pair.Events[client]);
    }

    [TestMethod]
    public void Connect_ToAMachineThatDoesNotListen_IsIgnored()
    {
        var pair = new UtpPair(6);
        pair.Server.IsListening = false;
        pair.Connect();
        pair.Run(5);
        Assert.IsEmpty(pair.Accepted);
        Assert.AreEqual(0, pair.Server.ConnectionCount);
    }

    [TestMethod]
    public void Syns_BeyondTheBacklog_AreIgnored_AndHalfOpenOnesExpire()
    {
        var pair = new UtpPair(7, server: new UtpOptions { AcceptBacklog = 10 });
        for (ushort i = 0; i < 50; i++)
        {
            byte[] syn = new byte[UtpHeader.SizeInBytes];
            new UtpHeader(UtpPacketType.Syn, (ushort)(i * 7), 1, 0, 1000, i, 0).Write(syn);
            pair.Inject(true, TransportAddress.FromIPv4(0x0A000001u + i, 5000), syn);
        }

        pair.Run(1);
        Assert.AreEqual(10, pair.Server.ConnectionCount);
        pair.Run(20);
        Assert.AreEqual(0, pair.Server.ConnectionCount);
        pair.Establish();
    }

    [TestMethod]
    public void Connect_BeyondMaxConnections_IsRefused()
    {
        var pair = new UtpPair(8, new UtpOptions { MaxConnections = 2 });
        pair.Connect();
        pair.Connect();
        Assert.IsNull(pair.Client.Connect(pair.Now, UtpPair.ServerAddress));
    }

    [TestMethod]
    public void Packets_OfNoConnection_AreAnsweredByAFewResets()
    {
        var pair = new UtpPair(9);
        int resets = 0;
        pair.ToClient.Drop = datagram =>
        {
            if (datagram[0] >> 4 == (int)UtpPacketType.Reset) resets++;
            return false;
        };
        for (int i = 0; i < 1_000; i++)
        {
            byte[] stray = new byte[UtpHeader.SizeInBytes];
            new UtpHeader(UtpPacketType.State, (ushort)i, 1, 0, 1000, 5, 5).Write(stray);
            pair.Inject(true, UtpPair.ClientAddress, stray);
        }

        pair.Run(1);
        Assert.IsInRange(1, 100, resets);
    }

    [TestMethod]
    public void Reset_WithImplausibleNumbers_IsIgnored()
    {
        var pair = new UtpPair(10);
        (UtpConnection client, UtpConnection server) = pair.Establish();
        for (int guess = 2_000; guess < 60_000; guess += 1_000)
        {
            byte[] forged = new byte[UtpHeader.SizeInBytes];
            ushort ack = (ushort)(client.NextSequence + guess);
            new UtpHeader(UtpPacketType.Reset, client.ReceiveId, 1, 0, 0, 0, ack).Write(forged);
            pair.Inject(false, UtpPair.ServerAddress, forged);
        }

        new UtpTransfer(pair, client, server, 10_000).AssertArrives(10);
    }
}
