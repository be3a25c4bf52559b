using CS3103P2P.Stun.Ice;

namespace CS3103P2P.Stun.Tests.Ice;

/// <summary>Every pair of NAT kinds connects directly exactly where hole punching can work at all, and by relay otherwise.</summary>
[TestClass]
public sealed class IceMatrixTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(20);

    public static IEnumerable<object[]> Pairs =>
        from a in Enum.GetValues<IceNatKind>()
        from b in Enum.GetValues<IceNatKind>()
        select new object[] { a, b };

    [TestMethod]
    [DynamicData(nameof(Pairs))]
    public void Connect_EveryPairOfKinds_IsDirectWhereItCanBe(IceNatKind first, IceNatKind second) =>
        CheckPair(first, second, seed: 1, loss: 0, Delay);

    [TestMethod]
    [DataRow(0.05, 5)]
    [DataRow(0.2, 1)]
    [DataRow(0.2, 100)]
    [DataRow(0.1, 250)]
    public void Connect_AllPairsWithLossAndDelay_AreDirectWhereTheyCanBe(double loss, int delayMillis)
    {
        int seed = (int)(loss * 1000) + delayMillis;
        foreach (object[] pair in Pairs)
        {
            (var first, var second) = ((IceNatKind)pair[0], (IceNatKind)pair[1]);
            if (first <= second) CheckPair(first, second, seed++, loss, TimeSpan.FromMilliseconds(delayMillis));
        }
    }

    private static void CheckPair(IceNatKind first, IceNatKind second, int seed, double loss, TimeSpan delay)
    {
        var world = new IceWorld(seed, delay, loss, hasRelay: true);
        IcePeer a = world.AddPeer(first);
        IcePeer b = world.AddPeer(second);
        string name = $"{first} x {second}, seed {seed}, loss {loss}";
        a.Connect(b, loss);
        bool expectDirect = CanBeDirect(first, second);
        world.Time.RunUntil(() => a.ConnectedAt is not null && b.ConnectedAt is not null, TimeSpan.FromSeconds(20));
        world.Time.RunUntil(() => IsDirect(a) && IsDirect(b), TimeSpan.FromSeconds(expectDirect ? 17 : 4));
        world.Time.Run(TimeSpan.FromSeconds(3));   // a nomination may get lost, and is repeated
        string log = $"{name}\n{a.Log}\n-- b\n{b.Log}";
        Assert.AreEqual(IceAgentState.Connected, a.Agent!.State, log);
        Assert.AreEqual(IceAgentState.Connected, b.Agent!.State, log);
        Assert.AreEqual(expectDirect, a.Agent.Selected is { IsRelayed: false }, log);
        Assert.AreEqual(expectDirect, b.Agent.Selected is { IsRelayed: false }, log);
        CheckDataFlows(world, a, b, loss, log);
    }

    private static void CheckDataFlows(IceWorld world, IcePeer a, IcePeer b, double loss, string log)
    {
        world.Internet.Loss = 0;
        for (int i = 0; i < 10; i++)
        {
            a.SendData();
            b.SendData();
        }

        world.Time.Run(TimeSpan.FromSeconds(2));
        world.Internet.Loss = loss;
        Assert.AreEqual(10, a.DataReceived, log);
        Assert.AreEqual(10, b.DataReceived, log);
    }

    /// <summary>What the laboratory measured with real NATs: everything but two symmetric ones, and blocked UDP.</summary>
    private static bool CanBeDirect(IceNatKind a, IceNatKind b)
    {
        if (a == IceNatKind.UdpBlocked || b == IceNatKind.UdpBlocked) return false;
        return !(IsSymmetric(a) && IsSymmetric(b));
    }

    private static bool IsDirect(IcePeer peer) => peer.Agent!.Selected is { IsRelayed: false };

    private static bool IsSymmetric(IceNatKind kind) => kind is IceNatKind.Symmetric or IceNatKind.SymmetricSequential or IceNatKind.CgnatSymmetric;
}
