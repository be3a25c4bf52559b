using System.Net;
using CS3103P2P.Protocol;
using CS3103P2P.Stun;
using CS3103P2P.Tracker.Tests.Udp;
using CS3103P2P.Tracker.Udp;

namespace CS3103P2P.Tracker.Tests;

/// <summary>The relay in the tracker's process, and the users that the tracker makes for it.</summary>
[TestClass]
public sealed class RelayTests
{
    private static readonly string Peer = new('a', 64);

    [TestMethod]
    public void Refresh_WantsRelayWithoutCookie_TellsNothing()
    {
        VirtualTracker tracker = WithRelay();

        string? reply = tracker.Ask("203.0.113.5:6881", $"REFRESH id=1 peer={Peer} want=relay");

        Assert.StartsWith("CHALLENGE", reply!);
    }

    [TestMethod]
    public void Refresh_WantsRelayWithCookie_BringsAUserThatEnds()
    {
        VirtualTracker tracker = WithRelay();

        string? reply = tracker.AskProven("203.0.113.5:6881", $"REFRESH id=1 peer={Peer} want=relay");

        Assert.IsTrue(TrackerReplyParser.TryParse(System.Text.Encoding.ASCII.GetBytes(reply!), out TrackerReply parsed));
        Assert.AreEqual("198.51.100.1:3478", parsed.Extensions.Relay.ToString());
        Assert.AreEqual(RelayDesk.LifeSeconds, parsed.Extensions.RelayLifeSeconds);
        string user = System.Text.Encoding.ASCII.GetString(parsed.Extensions.RelayUser);
        Assert.AreEqual($"{1_000_001 + RelayDesk.LifeSeconds}:{Peer[..16]}", user);
        Assert.AreEqual(
            TurnCredentials.CreateEphemeral("secret", Peer[..16], 1_000_001 + RelayDesk.LifeSeconds).Password,
            System.Text.Encoding.ASCII.GetString(parsed.Extensions.RelayPassword));
    }

    [TestMethod]
    public void Refresh_DoesNotWantRelay_IsNotToldOfIt()
    {
        string? reply = WithRelay().AskProven("203.0.113.5:6881", $"REFRESH id=1 peer={Peer}");

        Assert.DoesNotContain("relay", reply!);
    }

    [TestMethod]
    [Timeout(20_000, CooperativeCancellation = true)]
    public async Task Allocate_WithAUserOfTheTracker_Succeeds()
    {
        var options = new TrackerOptions { Relay = new TransportAddress(IPAddress.Loopback, 0), AllowPrivateRelayPeers = true };
        options.Listen.Add(new TransportAddress(IPAddress.Loopback, 0));
        await using TrackerServer server = await TrackerServer.StartAsync(options);
        using var socket = new System.Net.Sockets.UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        string request = $"REFRESH id=1 peer={Peer} want=relay";
        string challenge = await AskAsync(socket, server, request);
        string reply = await AskAsync(socket, server, $"{request} {challenge.Split(' ').Single(token => token.StartsWith("cookie=", StringComparison.Ordinal))}");
        Dictionary<string, string> told = reply.Split(' ').Where(token => token.Contains('=', StringComparison.Ordinal)).ToDictionary(token => token[..token.IndexOf('=', StringComparison.Ordinal)], token => token[(token.IndexOf('=', StringComparison.Ordinal) + 1)..]);
        Assert.AreEqual(server.RelayAddress.ToString(), told["relay"]);
        await using StunClient stun = StunClient.Bind(new TransportAddress(IPAddress.Loopback, 0));

        TurnAllocateResult good = await TurnClient.AllocateAsync(stun, Uri(server, told["relayuser"], told["relaypass"]), (_, _) => { });
        TurnAllocateResult forged = await TurnClient.AllocateAsync(stun, Uri(server, told["relayuser"].Replace('a', 'b'), told["relaypass"]), (_, _) => { });

        Assert.IsNull(good.Failure);
        Assert.IsNotNull(forged.Failure);
        await good.Client!.DisposeAsync();
    }

    [TestMethod]
    public async Task StartAsync_RelayOnEveryAddressWithoutPublicAddress_IsRefused() =>
        await Assert.ThrowsExactlyAsync<ArgumentException>(() => TrackerServer.StartAsync(new TrackerOptions { Relay = new TransportAddress(IPAddress.Any, 0) }));

    private static TurnUri Uri(TrackerServer server, string user, string password) =>
        new("127.0.0.1", server.RelayAddress!.Value.Port, TurnTransport.Udp, new TurnCredentials(user, password));

    private static async Task<string> AskAsync(System.Net.Sockets.UdpClient socket, TrackerServer server, string request)
    {
        await socket.SendAsync(System.Text.Encoding.ASCII.GetBytes(request), new IPEndPoint(IPAddress.Loopback, server.ListenAddresses[0].Port));
        return System.Text.Encoding.ASCII.GetString((await socket.ReceiveAsync()).Buffer);
    }

    private static VirtualTracker WithRelay()
    {
        var tracker = new VirtualTracker();
        tracker.Core.Relay = new RelayDesk(VirtualTracker.Address("198.51.100.1:3478"), "secret", 1_000_000);
        return tracker;
    }
}
