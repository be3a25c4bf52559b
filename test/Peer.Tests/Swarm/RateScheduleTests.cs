using CS3103P2P.Peer.Swarm;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Tests.Swarm;

[TestClass]
public sealed class RateScheduleTests
{
    private const long SecondMicros = 1_000_000;

    [TestMethod]
    [DataRow(80_000L)]
    [DataRow(1_000_000L)]
    [DataRow(200_000_000L)]
    [DataRow(10_000_000_000L)]
    public void Reserve_BusyUserWithLateTimers_KeepsTheRateToThreePercent(long bitsPerSecond)
    {
        var random = new Random(7);
        var schedule = new RateSchedule(bitsPerSecond);
        long seconds = Math.Max(5, schedule.SliceBytes * 8L * 50 / bitsPerSecond);
        long moved = 0;
        for (var now = new MonotonicTime(SecondMicros); now.Micros < (seconds + 1) * SecondMicros;)
        {
            MonotonicTime due = schedule.Reserve(now, schedule.SliceBytes);
            if (due > now) now = due + TimeSpan.FromMicroseconds(random.Next(15_000));   // as late as the timers of a busy machine
            moved += schedule.SliceBytes;
        }

        double expected = bitsPerSecond / 8.0 * seconds;
        Assert.AreEqual(expected, moved, expected * 0.03);
    }

    [TestMethod]
    public void Reserve_FourUsers_GetEqualParts()
    {
        var schedule = new RateSchedule(8_000_000);
        long[] moved = new long[4];
        var ready = new PriorityQueue<int, long>(Enumerable.Range(0, 4).Select(user => (user, SecondMicros)));
        while (ready.TryDequeue(out int user, out long at) && at < 6 * SecondMicros)
        {
            moved[user] += schedule.SliceBytes;
            ready.Enqueue(user, schedule.Reserve(new MonotonicTime(at), schedule.SliceBytes).Micros);
        }

        foreach (long bytes in moved) Assert.AreEqual(moved.Average(), bytes, moved.Average() * 0.03, string.Join(' ', moved));
    }

    [TestMethod]
    public void Reserve_AfterAPause_GivesNoCreditForIt()
    {
        var schedule = new RateSchedule(8_000_000);
        schedule.Reserve(new MonotonicTime(0), 1_000);
        var later = new MonotonicTime(100 * SecondMicros);
        Assert.AreEqual(later, schedule.Reserve(later, 1_000_000));
        Assert.AreEqual(later + TimeSpan.FromSeconds(1), schedule.Reserve(later, 1));
    }

    [TestMethod]
    public void Reserve_AfterAShortDelay_MakesUpForLittle()
    {
        var schedule = new RateSchedule(8_000_000);
        schedule.Reserve(new MonotonicTime(0), 1);
        var later = new MonotonicTime(400_000);
        schedule.Reserve(later, 100_000);
        Assert.AreEqual(later, schedule.Reserve(later, 1), "a tenth of a second's worth was made up for, and no more");
        Assert.IsGreaterThan(later, schedule.Reserve(later, 1));
    }
}
