using System.Net;
using CS3103P2P.Protocol;
using CS3103P2P.Stun.Connections;

namespace CS3103P2P.Stun.Tests.Connections;

[TestClass]
public sealed class NatBehaviorFinderTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TransportAddress First = new(IPAddress.Parse("127.0.0.1"), 0);
    private static readonly TransportAddress Second = new(IPAddress.Parse("127.0.0.2"), 0);

    public required TestContext TestContext { get; set; }

    [TestMethod]
    public async Task Current_WithAServerOfTwoAddresses_IsFoundBesideOtherWork()
    {
        await using StunServer server = StunServer.Start(new StunServerOptions { ListenAddress = First, AlternateAddress = Second });
        await using StunClient stun = StunClient.Bind(First);
        await using var watcher = new PublicEndpointWatcher(stun, new PublicEndpointWatcherOptions { Servers = [server.LocalAddress.ToString()] });
        using var finder = new NatBehaviorFinder(stun, watcher);
        Assert.AreEqual(NatFiltering.Unknown, finder.Current.Filtering);

        await watcher.RefreshAsync(TestContext.CancellationToken);

        await UntilAsync(() => finder.Current.Filtering == NatFiltering.EndpointIndependent);
        Assert.AreEqual(NatMapping.None, finder.Current.Mapping);
    }

    [TestMethod]
    public async Task Current_WithAServerOfOneAddress_AsksNothing()
    {
        await using StunServer server = StunServer.Start(new StunServerOptions { ListenAddress = First });
        await using StunClient stun = StunClient.Bind(First);
        await using var watcher = new PublicEndpointWatcher(stun, new PublicEndpointWatcherOptions { Servers = [server.LocalAddress.ToString()] });
        using var finder = new NatBehaviorFinder(stun, watcher);

        await watcher.RefreshAsync(TestContext.CancellationToken);

        Assert.AreEqual(new NatBehavior(), finder.Current);
        Assert.AreEqual(1, server.DatagramsReceived);
    }

    private async Task UntilAsync(Func<bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.CancellationToken);
        limit.CancelAfter(Patience);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!condition()) await tick.WaitForNextTickAsync(limit.Token);
    }
}
