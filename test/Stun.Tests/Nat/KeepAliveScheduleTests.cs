namespace CS3103P2P.Stun.Tests.Nat;

[TestClass]
public sealed class KeepAliveScheduleTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    [TestMethod]
    public void NextWait_IsThePeriodWithJitterOfATenth()
    {
        var schedule = new KeepAliveSchedule(Longest, new Random(1));
        TimeSpan[] waits = [.. Enumerable.Range(0, 200).Select(_ => schedule.NextWait())];
        Assert.IsTrue(waits.All(wait => wait >= Longest * 0.9 && wait <= Longest * 1.1));
        Assert.IsGreaterThan(100, waits.Distinct().Count());
    }

    [TestMethod]
    [DataRow(4)]
    [DataRow(5)]
    [DataRow(9)]
    [DataRow(3)]
    public void Run_NatThatForgetsSoon_FindsAPeriodThatKeepsTheMapping(int lifetimeSeconds)
    {
        var schedule = new KeepAliveSchedule(Longest, new Random(lifetimeSeconds));
        (int lostFirst, _) = Run(schedule, lifetimeSeconds, rounds: 10);
        Assert.IsLessThanOrEqualTo(3, lostFirst);
        Assert.IsLessThan(TimeSpan.FromSeconds(lifetimeSeconds), schedule.Period * 1.1);

        // A day later it still tries a longer period now and then, ever more rarely.
        (int lost, int rounds) = Run(schedule, lifetimeSeconds, rounds: 20_000);
        Assert.IsInRange(1, 80, lost, $"of {rounds}");
    }

    [TestMethod]
    public void Run_NatThatKeepsForLong_StaysAtTheLongest()
    {
        var schedule = new KeepAliveSchedule(Longest, new Random(1));
        Run(schedule, lifetimeSeconds: 30, rounds: 1_000);
        Assert.AreEqual(Longest, schedule.Period);
    }

    [TestMethod]
    public void Run_MappingsLostOnce_AsWhenARouterRestarts_GoesBackToTheLongest()
    {
        var schedule = new KeepAliveSchedule(Longest, new Random(1));
        schedule.HandleRound(Longest, isKept: false);
        Assert.AreEqual(Longest / 2, schedule.Period);
        Run(schedule, lifetimeSeconds: 30, rounds: 59);
        Assert.AreEqual(Longest / 2, schedule.Period, "not at once");
        Run(schedule, lifetimeSeconds: 30, rounds: 200);
        Assert.AreEqual(Longest, schedule.Period);
    }

    [TestMethod]
    public void HandleRound_LostAgainAndAgain_NeverGoesBelowTheShortest()
    {
        var schedule = new KeepAliveSchedule(Longest, new Random(1));
        for (int i = 0; i < 10; i++) schedule.HandleRound(schedule.Period, isKept: false);
        Assert.AreEqual(KeepAliveSchedule.Shortest, schedule.Period);
        var quick = new KeepAliveSchedule(TimeSpan.FromMilliseconds(100), new Random(1));
        quick.HandleRound(quick.Period, isKept: false);
        Assert.AreEqual(TimeSpan.FromMilliseconds(100), quick.Period);
    }

    [TestMethod]
    public void HandleRound_AfterSleep_DoesNotBlameTheNat()
    {
        var schedule = new KeepAliveSchedule(Longest, new Random(1));
        schedule.HandleRound(TimeSpan.FromHours(1), isKept: false);
        Assert.AreEqual(Longest, schedule.Period);
    }

    [TestMethod]
    public void HandleRound_SoonAfterOtherTraffic_ProvesNothing()
    {
        var schedule = new KeepAliveSchedule(Longest, new Random(1));
        schedule.HandleRound(Longest, isKept: false);
        for (int i = 0; i < 1_000; i++) schedule.HandleRound(TimeSpan.FromSeconds(1), isKept: true);
        Assert.AreEqual(Longest / 2, schedule.Period);
    }

    private static (int Lost, int Rounds) Run(KeepAliveSchedule schedule, double lifetimeSeconds, int rounds)
    {
        int lost = 0;
        for (int i = 0; i < rounds; i++)
        {
            TimeSpan idle = schedule.NextWait();
            bool isKept = idle.TotalSeconds < lifetimeSeconds;
            if (!isKept) lost++;
            schedule.HandleRound(idle, isKept);
        }

        return (lost, rounds);
    }
}
