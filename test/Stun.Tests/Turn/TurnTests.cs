using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Tests;

/// <summary>Our TURN client and server machines with each other, in virtual time.</summary>
[TestClass]
public sealed class TurnTests
{
    private static readonly TransportAddress Peer = TurnPair.RemotePeer;

    [TestMethod]
    public void Start_WithCredentials_AllocatesAfterOneChallenge()
    {
        var pair = new TurnPair();
        TurnPair.TestClient client = pair.AddClient();
        Assert.AreEqual(TurnClientState.Ready, client.Machine.State);
        Assert.AreEqual(Addresses.Of("192.0.2.9:50001"), client.Machine.RelayedAddress);
        Assert.AreEqual(client.Address, client.Machine.MappedAddress);
        Assert.HasCount(2, pair.Requests);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(32)]
    public void HandleClient_WithoutCredentials_AnswersByDatagramAtMostThreeTimesTheRequest(int realmBytes)
    {
        var pair = new TurnPair(new TurnServerOptions { Users = [TurnPair.Alice], Realm = new string('r', realmBytes) });
        StunMethod[] methods = [StunMethod.Binding, StunMethod.Allocate, StunMethod.Refresh, StunMethod.CreatePermission, StunMethod.ChannelBind];
        byte[] output = new byte[TurnServerMachine.MaxOverheadBytes * 2];
        foreach (StunMethod method in methods)
        {
            foreach (bool withTransport in (bool[])[false, true])
            {
                byte[] request = new byte[64];
                var writer = new StunMessageWriter(request, StunClass.Request, method, Ids.Counting()());
                if (withTransport) writer.Write(StunAttributeType.RequestedTransport, [17, 0, 0, 0]);
                Assert.IsTrue(writer.TryFinish(out int bytes));
                var client = new TurnClientKey(TurnPair.RemotePeer, 0);

                TurnOutput answer = pair.Server.HandleClient(default, client, request.AsSpan(0, bytes), output);

                Assert.IsLessThanOrEqualTo(bytes * TurnServerMachine.MaxUnprovenAmplification, answer.Bytes, $"{method} {withTransport}");
                if (withTransport) Assert.IsGreaterThan(0, answer.Bytes, $"{method}: a client must learn what it lacks");
                Assert.IsGreaterThan(0, pair.Server.HandleClient(default, client with { Connection = 1 }, request.AsSpan(0, bytes), output).Bytes, "by TCP nobody forges");
            }
        }
    }

    [TestMethod]
    public void Start_WithBadCredentials_FailsWith401()
    {
        var pair = new TurnPair();
        TurnCredentials expired = TurnCredentials.CreateEphemeral(TurnPair.Secret, "bob", TurnPair.UnixSecondsAtZero - 1);
        foreach (TurnCredentials? user in new[] { TurnPair.Alice with { Password = "x" }, new TurnCredentials("eve", "x"), expired, null })
        {
            TurnPair.TestClient client = pair.AddClient(new TurnClientSettings { Credentials = user });
            Assert.AreEqual(TurnClientState.Failed, client.Machine.State);
            Assert.AreEqual(401, client.Machine.Failure?.ErrorCode);
            pair.RemoveClient(client);
        }

        Assert.AreEqual(0, pair.Server.AllocationCount);
    }

    [TestMethod]
    public void Start_WithAnEphemeralUser_Allocates()
    {
        TurnCredentials user = TurnCredentials.CreateEphemeral(TurnPair.Secret, "bob", TurnPair.UnixSecondsAtZero + 60);
        Assert.AreEqual(TurnClientState.Ready, new TurnPair().AddClient(new TurnClientSettings { Credentials = user }).Machine.State);
    }

    [TestMethod]
    public void Start_WhenNobodyAnswers_TimesOut()
    {
        var pair = new TurnPair { IsLost = () => true };
        TurnPair.TestClient client = pair.AddClient();
        pair.Run(TimeSpan.FromMinutes(1));
        Assert.AreEqual((TurnClientState.Failed, StunOutcome.TimedOut), (client.Machine.State, client.Machine.Failure!.Outcome));
    }

    [TestMethod]
    public void Verify_AfterTheClientsAddressChanged_LosesTheAllocationAtOnce()
    {
        var pair = new TurnPair();
        TurnPair.TestClient client = pair.AddClient();
        client.Machine.Verify(pair.Now);
        pair.Settle();
        Assert.AreEqual(TurnClientState.Ready, client.Machine.State, "the server knows the client");
        client.Address = Addresses.Of("203.0.113.99:7000");
        client.Machine.Verify(pair.Now);
        pair.Settle();
        Assert.AreEqual((TurnClientState.Failed, 437), (client.Machine.State, client.Machine.Failure?.ErrorCode));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void TrySend_ToAPermittedPeer_RelaysBothWays(bool useChannels)
    {
        var pair = new TurnPair();
        TurnPair.TestClient client = pair.AddClient(new TurnClientSettings { Credentials = TurnPair.Alice, UseChannels = useChannels });
        Assert.IsFalse(client.Machine.TrySend(Peer, "too early"u8));
        Assert.IsTrue(client.Machine.TryAddPeer(pair.Now, Peer));
        pair.Settle();
        Assert.AreEqual((Peer, null), client.Peers.Single());
        for (int length = 0; length <= TurnClientMachine.MaxDataBytes; length += 365)
        {
            var data = new byte[length];
            Random.Shared.NextBytes(data);
            Assert.IsTrue(client.Machine.TrySend(Peer, data));
            pair.Settle();
            Assert.AreEqual(Peer, pair.AtPeers[^1].Peer);
            CollectionAssert.AreEqual(data, pair.AtPeers[^1].Data);
            pair.FromPeer(client.Machine.RelayedAddress, Peer, data);
            Assert.AreEqual(Peer, client.Received[^1].Peer);
            CollectionAssert.AreEqual(data, client.Received[^1].Data);
            Assert.AreEqual(useChannels, client.Frames[^1][0] == 0x40);
        }
    }

    [TestMethod]
    public void TryAddPeer_InAPrivateNetwork_IsForbidden()
    {
        var pair = new TurnPair();
        TurnPair.TestClient client = pair.AddClient();
        foreach (string peer in new[] { "10.1.2.3:80", "127.0.0.1:80", "169.254.169.254:80", "192.168.1.1:80" })
        {
            Assert.IsTrue(client.Machine.TryAddPeer(pair.Now, Addresses.Of(peer)));
            pair.Settle();
            Assert.AreEqual(403, client.Peers[^1].Failure?.ErrorCode, peer);
        }

        Assert.IsTrue(client.Machine.TryAddPeer(pair.Now, Addresses.Of("[2001:db8::1]:80")));
        pair.Settle();
        Assert.AreEqual(443, client.Peers[^1].Failure?.ErrorCode);
    }

    [TestMethod]
    public void Run_ForHours_KeepsAllocationPermissionsAndChannelsAlive()
    {
        var pair = new TurnPair();
        TurnPair.TestClient withChannel = pair.AddClient();
        var plain = new TurnClientSettings { Credentials = TurnPair.Alice, UseChannels = false };
        TurnPair.TestClient withPermission = pair.AddClient(plain, "203.0.113.6:6881");
        foreach (TurnPair.TestClient client in new[] { withChannel, withPermission }) Assert.IsTrue(client.Machine.TryAddPeer(pair.Now, Peer));
        pair.Settle();
        for (int quarter = 0; quarter < 12; quarter++)
        {
            pair.Run(TimeSpan.FromMinutes(15));
            foreach (TurnPair.TestClient client in new[] { withChannel, withPermission })
            {
                int before = client.Received.Count;
                pair.FromPeer(client.Machine.RelayedAddress, Peer, "still there?"u8);
                Assert.HasCount(before + 1, client.Received, $"after {(quarter + 1) * 15} minutes");
                Assert.HasCount(1, client.Peers);
            }
        }

        Assert.AreEqual(2, pair.Server.AllocationCount);
    }

    [TestMethod]
    public void Run_WithLoss_StillAllocatesAndStaysAlive()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        var pair = new TurnPair { IsLost = () => random.Next(4) == 0 };
        TurnPair.TestClient client = pair.AddClient();
        pair.Run(TimeSpan.FromMinutes(2));
        Assert.AreEqual(TurnClientState.Ready, client.Machine.State, $"seed {seed}");
        pair.Run(TimeSpan.FromMinutes(30));
        Assert.AreEqual(TurnClientState.Ready, client.Machine.State, $"seed {seed}");
        Assert.AreEqual(1, pair.Server.AllocationCount, $"seed {seed}");
    }

    [TestMethod]
    public void Close_OfAnAllocation_FreesItsPort()
    {
        var pair = new TurnPair();
        TurnPair.TestClient client = pair.AddClient();
        Assert.HasCount(1, pair.OpenPorts);
        client.Machine.Close(pair.Now);
        pair.Settle();
        Assert.AreEqual(TurnClientState.Closed, client.Machine.State);
        Assert.IsEmpty(pair.OpenPorts);
    }

    [TestMethod]
    public void HandleTimeout_ClientThatFellSilent_LosesItsAllocation()
    {
        var pair = new TurnPair();
        pair.RemoveClient(pair.AddClient());
        pair.Run(TimeSpan.FromMinutes(9));
        Assert.AreEqual(1, pair.Server.AllocationCount);
        pair.Run(TimeSpan.FromMinutes(2));
        Assert.AreEqual(0, pair.Server.AllocationCount);
        Assert.IsEmpty(pair.OpenPorts);
    }

    [TestMethod]
    public void Start_WhereAFormerRunLeftAnAllocation_FreesItFirst()
    {
        var pair = new TurnPair();
        pair.RemoveClient(pair.AddClient());
        TurnPair.TestClient next = pair.AddClient();
        Assert.AreEqual(TurnClientState.Ready, next.Machine.State);
        Assert.AreEqual("192.0.2.9:50002", next.Machine.RelayedAddress.ToString());
        Assert.AreEqual(1, pair.Server.AllocationCount);
    }

    [TestMethod]
    public void Start_BeyondTheQuotas_IsRefused()
    {
        var options = new TurnServerOptions { Users = [TurnPair.Alice], SharedSecret = TurnPair.Secret, MaxAllocationsPerUser = 2, MaxAllocations = 3 };
        var pair = new TurnPair(options);
        int?[] codes = [.. Enumerable.Range(1, 3).Select(i => pair.AddClient(address: $"203.0.113.{i}:1").Machine.Failure?.ErrorCode)];
        CollectionAssert.AreEqual(new int?[] { null, null, 486 }, codes);
        int?[] others = [.. Enumerable.Range(1, 2).Select(i =>
        {
            TurnCredentials user = TurnCredentials.CreateEphemeral(TurnPair.Secret, "bob", TurnPair.UnixSecondsAtZero + 60 + i);
            return pair.AddClient(new TurnClientSettings { Credentials = user }, $"203.0.113.{10 + i}:1").Machine.Failure?.ErrorCode;
        })];
        CollectionAssert.AreEqual(new int?[] { null, 508 }, others);
    }

    [TestMethod]
    public void HandlePeer_WithoutPermission_IsDropped()
    {
        var pair = new TurnPair();
        TurnPair.TestClient client = pair.AddClient();
        pair.FromPeer(client.Machine.RelayedAddress, Peer, "hello?"u8);
        Assert.IsEmpty(client.Received);
        client.Machine.TryAddPeer(pair.Now, Peer);
        pair.Settle();
        pair.FromPeer(client.Machine.RelayedAddress, Peer.WithPort(1), "another port of the same address"u8);
        Assert.HasCount(1, client.Received);
        client.Machine.RemovePeer(pair.Now, Peer);
        pair.Run(TimeSpan.FromMinutes(6));
        pair.FromPeer(client.Machine.RelayedAddress, Peer, "too late"u8);
        Assert.HasCount(1, client.Received);
    }

    [TestMethod]
    public void TryAddPeer_ManyPeers_GetChannelsOfTheClientsRangeOnly()
    {
        var pair = new TurnPair();
        TurnPair.TestClient client = pair.AddClient();
        for (int i = 0; i < TurnClientPeers.MaxPeers; i++)
        {
            TransportAddress peer = Peer.WithPort((ushort)(1000 + i));
            Assert.IsTrue(client.Machine.TryAddPeer(pair.Now, peer));
            pair.Settle();
            pair.FromPeer(client.Machine.RelayedAddress, peer, "x"u8);
            Assert.AreEqual(0x40, client.Frames[^1][0], $"peer {i}");
            Assert.AreEqual(i, client.Frames[^1][1]);
        }

        Assert.IsFalse(client.Machine.TryAddPeer(pair.Now, Peer));
        client.Machine.RemovePeer(pair.Now, Peer.WithPort(1000));
        Assert.IsTrue(client.Machine.TryAddPeer(pair.Now, Peer));
        pair.Settle();
        pair.FromPeer(client.Machine.RelayedAddress, Peer, "x"u8);
        Assert.AreNotEqual(0x40, client.Frames[^1][0], "a channel rests before it is bound anew");
    }

    [TestMethod]
    public void TrySend_BeyondTheByteBudget_IsDroppedByTheServer()
    {
        var pair = new TurnPair(new TurnServerOptions { Users = [TurnPair.Alice], MaxBytesPerSecond = 10_000 });
        TurnPair.TestClient client = pair.AddClient();
        client.Machine.TryAddPeer(pair.Now, Peer);
        pair.Settle();
        for (int i = 0; i < 20; i++) Assert.IsTrue(client.Machine.TrySend(Peer, new byte[1000]));
        pair.Settle();
        Assert.HasCount(10, pair.AtPeers);
        pair.Run(TimeSpan.FromSeconds(0.5));
        for (int i = 0; i < 20; i++) Assert.IsTrue(client.Machine.TrySend(Peer, new byte[1000]));
        pair.Settle();
        Assert.HasCount(15, pair.AtPeers);
    }

    [TestMethod]
    public void HandleMessage_ForgedSuccess_IsIgnored()
    {
        var pair = new TurnPair();
        TurnPair.TestClient client = pair.AddClient();
        Assert.IsTrue(client.Machine.TryAddPeer(pair.Now, Peer));
        var buffer = new byte[2048];
        Assert.IsTrue(client.Machine.PollTransmit(pair.Now, buffer, out Transmit transmit));
        Assert.IsTrue(StunMessage.TryParse(buffer.AsSpan(0, transmit.TotalBytes), out StunMessage request));
        var forged = new byte[20];
        _ = new StunMessageWriter(forged, StunClass.SuccessResponse, StunMethod.ChannelBind, request.TransactionId);
        client.Receive(pair.Now, forged);
        Assert.IsEmpty(client.Peers);
        pair.FromClient(client.Address, buffer.AsSpan(0, transmit.TotalBytes));
        Assert.HasCount(1, client.Peers);
    }

    [TestMethod]
    public void Handle_MutatedMessages_NeverThrow()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        var pair = new TurnPair();
        TurnPair.TestClient client = pair.AddClient();
        client.Machine.TryAddPeer(pair.Now, Peer);
        pair.Settle();
        client.Machine.TrySend(Peer, new byte[50]);
        pair.FromPeer(client.Machine.RelayedAddress, Peer, new byte[50]);
        byte[][] samples = [.. client.Frames, .. SampleMessages.All];
        for (int round = 0; round < 30_000; round++)
        {
            byte[] mutated = [.. samples[random.Next(samples.Length)]];
            for (int i = random.Next(5); i >= 0; i--) mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            pair.FromClient(client.Address, mutated);
            if (StunMessage.TryParse(mutated, out StunMessage message)) client.Machine.HandleMessage(pair.Now, TurnPair.ServerAddress, message);
            client.Machine.HandleChannelData(pair.Now, TurnPair.ServerAddress, mutated);
        }

        Assert.AreEqual(1, pair.Server.AllocationCount, $"seed {seed}");
    }
}
