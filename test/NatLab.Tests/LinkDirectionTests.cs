namespace CS3103P2P.NatLab.Tests;

[TestClass]
public sealed class LinkDirectionTests
{
    private const long Millisecond = 1_000_000;

    [TestMethod]
    public void Schedule_DelayOnly_ArrivesExactlyThen()
    {
        var link = new LinkDirection(new Random(1));
        var conditions = new LinkConditions { Delay = TimeSpan.FromMilliseconds(25) };
        Assert.AreEqual(32 * Millisecond, link.Schedule(conditions, 7 * Millisecond, 100));
    }

    [TestMethod]
    public void Schedule_Rate_PacesFramesAndDropsBeyondTheQueue()
    {
        var link = new LinkDirection(new Random(1));
        // 1000 bytes at 8 Mbit/s take 1 ms; 5 ms may wait, so the seventh of a burst finds 6 ms queued.
        var conditions = new LinkConditions { RateBitsPerSecond = 8_000_000, Queue = TimeSpan.FromMilliseconds(5) };
        for (int frame = 1; frame <= 6; frame++) Assert.AreEqual(frame * Millisecond, link.Schedule(conditions, 0, 1000));
        Assert.IsNull(link.Schedule(conditions, 0, 1000));
        Assert.AreEqual(11 * Millisecond, link.Schedule(conditions, 10 * Millisecond, 1000));
    }

    [TestMethod]
    public void Schedule_Jitter_StaysInRangeAndInOrder()
    {
        const int Seed = 42;
        var link = new LinkDirection(new Random(Seed));
        var conditions = new LinkConditions { Delay = TimeSpan.FromMilliseconds(10), Jitter = TimeSpan.FromMilliseconds(4) };
        long last = 0;
        var delays = new List<long>();
        for (long now = 0; now < 1000 * Millisecond; now += Millisecond / 2)
        {
            long arrival = link.Schedule(conditions, now, 100)!.Value;
            Assert.IsGreaterThanOrEqualTo(last, arrival, $"seed {Seed}");
            delays.Add(arrival - now);
            last = arrival;
        }
        Assert.IsTrue(delays.All(delay => delay >= 10 * Millisecond && delay < 14 * Millisecond), $"seed {Seed}");
        Assert.IsGreaterThan(2 * Millisecond, delays.Max() - delays.Min());
    }

    [TestMethod]
    public void Schedule_Loss_LosesThatShare()
    {
        const int Seed = 42;
        const int Frames = 100_000;
        var link = new LinkDirection(new Random(Seed));
        int lost = Enumerable.Range(0, Frames).Count(now => link.Schedule(new LinkConditions { Loss = 0.05 }, now, 100) is null);
        Assert.AreEqual(0.05, (double)lost / Frames, 0.005, $"seed {Seed}");
    }
}
