using System.Collections.Concurrent;
using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.Tests;

[TestClass]
public sealed class PublicEndpointWatcherTests
{
    private static readonly TransportAddress First = Addresses.Of("203.0.113.5:6881");
    private static readonly TransportAddress Second = Addresses.Of("203.0.113.5:7000");

    private readonly ConcurrentDictionary<string, TransportAddress?> _answers = new();
    private readonly ConcurrentQueue<string> _asked = new();
    private readonly ManualTimeProvider _time = new();

    [TestMethod]
    public async Task RefreshAsync_ServersThatAgree_MeansEndpointIndependent()
    {
        Answer(("a", First), ("b", First), ("c", First));
        await using PublicEndpointWatcher watcher = Watcher("a", "b", "c");
        await watcher.RefreshAsync();
        await Until(() => watcher.Current.Mapping == NatMapping.EndpointIndependent);
        Assert.AreEqual(First, watcher.Current.Address);
        Assert.AreEqual(StunOutcome.Success, watcher.Current.LastOutcome);
    }

    [TestMethod]
    public async Task RefreshAsync_ServersThatDisagree_MeansDependentAndTheAddressStaysPut()
    {
        Answer(("a", First), ("b", Second));
        await using PublicEndpointWatcher watcher = Watcher("a", "b");
        var changes = new ConcurrentQueue<PublicEndpointStatus>();
        watcher.Changed += changes.Enqueue;
        await watcher.RefreshAsync();
        await Until(() => watcher.Current.Mapping == NatMapping.Dependent);
        TransportAddress? known = watcher.Current.Address;
        int soFar = changes.Count;
        for (int i = 0; i < 5; i++) await watcher.RefreshAsync();
        Assert.AreEqual(known, watcher.Current.Address);
        Assert.HasCount(soFar, changes);
    }

    [TestMethod]
    public async Task RefreshAsync_AddressChanges_IsReported()
    {
        Answer(("a", First), ("b", First));
        await using PublicEndpointWatcher watcher = Watcher("a", "b");
        var changes = new ConcurrentQueue<PublicEndpointStatus>();
        watcher.Changed += changes.Enqueue;
        await watcher.RefreshAsync();
        await Until(() => watcher.Current.Mapping == NatMapping.EndpointIndependent);
        Answer(("a", Second), ("b", Second));
        PublicEndpointStatus status = await watcher.RefreshAsync();
        Assert.AreEqual(Second, status.Address);
        Assert.AreEqual(Second, changes.Last().Address);
    }

    [TestMethod]
    public async Task RefreshAsync_NoServerAnswers_SaysSoAndKeepsTheAddress()
    {
        Answer(("a", First));
        await using PublicEndpointWatcher watcher = Watcher("a");
        await watcher.RefreshAsync();
        Answer(("a", null));
        PublicEndpointStatus status = await watcher.RefreshAsync();
        Assert.AreEqual((First, StunOutcome.TimedOut), (status.Address, status.LastOutcome));
    }

    [TestMethod]
    public async Task RefreshAsync_ServersThatFail_GiveWayToOthers()
    {
        Answer(("a", null), ("b", null), ("c", First), ("d", First));
        await using PublicEndpointWatcher watcher = Watcher(2, "a", "b", "c", "d");
        Assert.AreEqual(StunOutcome.TimedOut, (await watcher.RefreshAsync()).LastOutcome);
        Assert.AreEqual(First, (await watcher.RefreshAsync()).Address);
    }

    [TestMethod]
    public async Task Start_Periodically_AsksAgainWithJitterOfATenth()
    {
        Answer(("a", First));
        await using PublicEndpointWatcher watcher = Watcher("a");
        watcher.Start();
        var waits = new HashSet<TimeSpan>();
        for (int round = 1; round <= 10; round++)
        {
            await Until(() => _asked.Count == round && _time.Waiting == 1);
            TimeSpan wait = _time.NextIn!.Value;
            Assert.IsTrue(wait >= TimeSpan.FromSeconds(9) && wait <= TimeSpan.FromSeconds(11), $"{wait}");
            waits.Add(wait);
            _time.Advance(wait);
        }

        Assert.IsGreaterThan(1, waits.Count);
    }

    [TestMethod]
    public async Task Start_NatThatForgetsMappingsSoon_AsksSoOftenThatTheyStay()
    {
        const double lifetimeSeconds = 4;
        ushort port = 5000;
        int changes = 0;
        Answer(("a", First), ("b", First));
        await using PublicEndpointWatcher watcher = Watcher("a", "b");
        watcher.Changed += _ => changes++;
        watcher.Start();
        for (int round = 1; round <= 30; round++)
        {
            await Until(() => _asked.Count == 2 * round && _time.Waiting == 1);
            TimeSpan wait = _time.NextIn!.Value;
            if (wait.TotalSeconds > lifetimeSeconds) Answer(("a", First.WithPort(++port)), ("b", First.WithPort(++port)));
            if (round == 10) changes = 0;
            _time.Advance(wait);
        }

        Assert.IsLessThan(TimeSpan.FromSeconds(lifetimeSeconds), watcher.Period * 1.1);
        Assert.AreEqual(0, changes);
    }

    [TestMethod]
    public async Task Start_RoundAskedForMeanwhile_PutsOffTheNext()
    {
        Answer(("a", First));
        await using PublicEndpointWatcher watcher = Watcher("a");
        watcher.Start();
        await Until(() => _asked.Count == 1 && _time.Waiting == 1);
        TimeSpan wait = _time.NextIn!.Value;
        _time.Advance(wait / 2);
        await watcher.RefreshAsync();
        _time.Advance(wait / 2);
        await Until(() => _time.Waiting == 1);
        Assert.HasCount(2, _asked);
        Assert.AreEqual(wait / 2, _time.NextIn);
        _time.Advance(wait / 2);
        await Until(() => _asked.Count == 3);
    }

    [TestMethod]
    public async Task RefreshAsync_ServerThatIsDown_DelaysTheNextRoundOnlyBriefly()
    {
        int asked = 0;
        Task<StunBindingResult> AskDown(string name, CancellationToken token)
        {
            Interlocked.Increment(ref asked);
            return name == "down" ? new TaskCompletionSource<StunBindingResult>().Task.WaitAsync(token) : Ask(name);
        }

        Answer(("a", First));
        await using var watcher = new PublicEndpointWatcher(AskDown, (_, _) => Ask("a"), Options(2, "a", "down"));
        await watcher.RefreshAsync();
        Task<PublicEndpointStatus> next = watcher.RefreshAsync();
        await Until(() => _time.Waiting == 1);
        Assert.IsFalse(next.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.AreEqual(First, (await next.WaitAsync(TimeSpan.FromSeconds(10))).Address);
    }

    [TestMethod]
    public async Task Start_RoundThatFaults_IsFollowedByAnother()
    {
        int rounds = 0;
        Task<StunBindingResult> Fault() => Interlocked.Increment(ref rounds) == 1
            ? throw new InvalidOperationException("the socket's queue is full")
            : Task.FromResult(new StunBindingResult { Outcome = StunOutcome.Success, MappedAddress = First });
        await using var watcher = new PublicEndpointWatcher((_, _) => Fault(), (_, _) => Fault(), Options(1, "a"));
        watcher.Start();
        await Until(() => _time.Waiting == 1);
        Assert.IsNull(watcher.Current.Address);
        _time.Advance(TimeSpan.FromSeconds(11));
        await Until(() => watcher.Current.Address == First);
    }

    [TestMethod]
    public async Task Changed_ListenerThatThrows_DoesNotEndTheWatch()
    {
        Answer(("a", First));
        await using PublicEndpointWatcher watcher = Watcher("a");
        watcher.Changed += _ => throw new InvalidOperationException("a listener's bug");
        await watcher.RefreshAsync();
        Assert.AreEqual(First, (await watcher.RefreshAsync()).Address);
    }

    [TestMethod]
    public async Task DisposeAsync_DuringARound_EndsIt()
    {
        var never = new TaskCompletionSource<StunBindingResult>();
        var watcher = new PublicEndpointWatcher(
            (_, token) => never.Task.WaitAsync(token), (_, token) => never.Task.WaitAsync(token), Options(1, "a"));
        Task<PublicEndpointStatus> refresh = watcher.RefreshAsync();
        await watcher.DisposeAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => refresh);
        Assert.ThrowsExactly<ObjectDisposedException>(() => { _ = watcher.RefreshAsync(); });
    }

    private static async Task Until(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!condition())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private PublicEndpointWatcherOptions Options(int perRound, params string[] servers) =>
        new() { Servers = servers, ServersPerRound = perRound, TimeProvider = _time };

    private PublicEndpointWatcher Watcher(params string[] servers) => Watcher(3, servers);

    private PublicEndpointWatcher Watcher(int perRound, params string[] servers) =>
        new((name, _) => Ask(name), (address, _) => Ask(((char)('a' + address.Port - 1)).ToString()), Options(perRound, servers));

    private Task<StunBindingResult> Ask(string name)
    {
        _asked.Enqueue(name);
        // Each server has an address of its own, by which it is asked again.
        TransportAddress server = TransportAddress.FromIPv4(0xC0000200u + name[0], (ushort)(name[0] - 'a' + 1));
        return Task.FromResult(_answers[name] is { } mapped
            ? new StunBindingResult { Outcome = StunOutcome.Success, MappedAddress = mapped, Server = server }
            : new StunBindingResult { Outcome = StunOutcome.TimedOut, Server = server });
    }

    private void Answer(params (string Server, TransportAddress? Mapped)[] answers)
    {
        foreach ((string server, TransportAddress? mapped) in answers) _answers[server] = mapped;
    }
}
