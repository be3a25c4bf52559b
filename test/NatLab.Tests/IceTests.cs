using System.Collections.Concurrent;
using System.Diagnostics;
using CS3103P2P.Stun;

namespace CS3103P2P.NatLab.Tests;

[TestClass]
public sealed class IceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task EveryPairOfKinds_ByIce_IsDirectUnlessBothAreSymmetricOrUdpIsBlocked()
    {
        var kinds = NatKinds.All.Where(k => k != NatKind.UdpBlocked).ToArray();
        var pairs = from a in kinds from b in kinds where a <= b && !(IsSymmetric(a) && IsSymmetric(b)) select (a, b);
        await RunPairsAsync([.. pairs], atOnce: 4);
    }

    [TestMethod]
    [DataRow(NatKind.Symmetric, NatKind.PortRestricted)]
    [DataRow(NatKind.CgnatSymmetric, NatKind.Linux)]
    [DataRow(NatKind.SymmetricSequential, NatKind.PortRestricted)]
    public async Task HardPairs_TenTimes_AreDirect(NatKind first, NatKind second) =>
        await RunPairsAsync([.. Enumerable.Repeat((first, second), 5), .. Enumerable.Repeat((second, first), 5)], atOnce: 2);

    private static bool IsSymmetric(NatKind kind) =>
        kind is NatKind.Symmetric or NatKind.SymmetricAddress or NatKind.SymmetricSequential or NatKind.CgnatSymmetric;

    private async Task RunPairsAsync((NatKind A, NatKind B)[] pairs, int atOnce)
    {
        TestLab.RequireLab();
        await using var lab = await Lab.CreateAsync();
        var server = await lab.AddServerAsync(addresses: 2);
        await using var stun = IcePeer.StartStun(server);
        var results = new ConcurrentBag<(string Pair, long Millis, string? Failure)>();
        await Parallel.ForEachAsync(pairs, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (pair, _) =>
        {
            var homeA = await lab.AddHomeAsync(pair.A);
            var homeB = await lab.AddHomeAsync(pair.B);
            await using var a = IcePeer.Start(1, homeA.Hosts[0], IcePeer.NamesOf(server));
            await using var b = IcePeer.Start(2, homeB.Hosts[0], IcePeer.NamesOf(server));
            using var limit = new CancellationTokenSource(Patience);
            long start = Stopwatch.GetTimestamp();
            IceConnectResult result = await a.ConnectAsync(b, limit.Token).ContinueWith(t => t.IsCompletedSuccessfully ? t.Result : default);
            string? failure = result.Connection is null ? $"{result.Failure}\n{a.Log}\n-- b\n{b.Log}" : result.Connection.IsRelayed ? "relayed" : null;
            results.Add(($"{NatKinds.NameOf(pair.A)} x {NatKinds.NameOf(pair.B)}", (long)Stopwatch.GetElapsedTime(start).TotalMilliseconds, failure));
        });
        string table = string.Join('\n', results.OrderBy(r => r.Pair).Select(r => $"{r.Pair,-48} {r.Millis,6} ms {r.Failure}"));
        TestContext.WriteLine(table);
        Assert.IsTrue(results.All(r => r.Failure is null), table);
    }
}
