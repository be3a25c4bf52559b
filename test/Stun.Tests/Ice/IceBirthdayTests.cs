using CS3103P2P.Protocol;
using CS3103P2P.Stun.Ice;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Tests.Ice;

[TestClass]
public sealed class IceBirthdayTests
{
    private static readonly TransportAddress Peer = Addresses.Of("203.0.113.9:4000");

    [TestMethod]
    [DataRow(1)]
    [DataRow(77)]
    public void Guessing_ToTheEnd_IsBoundedAndNeverRepeatsAPort(int seed)
    {
        var birthday = new IceBirthday(new Random(seed), new IceBirthdayPace());
        birthday.StartGuessing(default, Peer);
        List<(long Micros, TransportAddress To, int Path)> sent = RunToTheEnd(birthday);
        Assert.IsLessThanOrEqualTo(IceBirthday.MaxGuesses, sent.Count);
        Assert.IsGreaterThan(IceBirthday.MaxGuesses - 50, sent.Count);
        Assert.AreEqual(sent.Count, sent.Select(s => s.To.Port).Distinct().Count(), $"seed {seed}");
        Assert.IsTrue(sent.All(s => s.To.AddressBits == Peer.AddressBits && s.To.Port >= 1024 && s.Path == IcePaths.SharedSocket));
        CheckRate(sent);
    }

    // Found by the simulator: a peer that looked for several others at a time filled its uplink, and lost the ways that worked.
    [TestMethod]
    public void Guessing_ForManyAtATime_TakesNoMoreThanForOneAndIsFair()
    {
        const int agents = 5;
        var pace = new IceBirthdayPace();
        IceBirthday[] birthdays = [.. Enumerable.Range(0, agents).Select(i => new IceBirthday(new Random(i), pace))];
        foreach (IceBirthday birthday in birthdays) birthday.StartGuessing(default, Peer);
        int[] sent = new int[agents];
        var now = new MonotonicTime(0);
        var second = new MonotonicTime(1_000_000);
        while (now < second)
        {
            for (int i = 0; i < agents; i++)
            {
                while (birthdays[i].TryNext(now, out _, out _)) sent[i]++;
            }

            now += TimeSpan.FromMilliseconds(1);
        }

        Assert.IsLessThanOrEqualTo(505, sent.Sum());
        Assert.IsGreaterThan(90, sent.Min());
    }

    [TestMethod]
    public void Opening_ToTheEnd_UsesEverySocketAgainAndAgain()
    {
        var birthday = new IceBirthday(new Random(1), new IceBirthdayPace());
        birthday.StartOpening(default, Peer, 256);
        List<(long Micros, TransportAddress To, int Path)> sent = RunToTheEnd(birthday);
        Assert.IsTrue(sent.All(s => s.To == Peer && IcePaths.IsExtraSocket(s.Path)));
        Assert.AreEqual(256, sent.Select(s => s.Path).Distinct().Count());
        Assert.IsLessThanOrEqualTo(256 * 8, sent.Count);
        CheckRate(sent);
    }

    [TestMethod]
    public void TryNext_AfterALateTimer_CatchesUpALittleOnly()
    {
        var birthday = new IceBirthday(new Random(1), new IceBirthdayPace());
        birthday.StartGuessing(default, Peer);
        var late = new MonotonicTime(5_000_000);
        int burst = 0;
        while (birthday.TryNext(late, out _, out _)) burst++;
        Assert.IsLessThanOrEqualTo(20, burst);
    }

    [TestMethod]
    public void Stop_AtAHit_SendsNoMore()
    {
        var birthday = new IceBirthday(new Random(1), new IceBirthdayPace());
        birthday.StartGuessing(default, Peer);
        birthday.Stop();
        Assert.IsFalse(birthday.TryNext(new MonotonicTime(1_000_000), out _, out _));
        Assert.IsNull(birthday.Deadline);
    }

    private static List<(long Micros, TransportAddress To, int Path)> RunToTheEnd(IceBirthday birthday)
    {
        List<(long, TransportAddress, int)> sent = [];
        while (birthday.Deadline is { } due)
        {
            while (birthday.TryNext(due, out int path, out TransportAddress to)) sent.Add((due.Micros, to, path));
        }

        return sent;
    }

    private static void CheckRate(List<(long Micros, TransportAddress To, int Path)> sent)
    {
        Assert.IsLessThanOrEqualTo((long)IceBirthday.Duration.TotalMicroseconds, sent[^1].Micros);
        Assert.IsTrue(sent.GroupBy(s => s.Micros / 1_000_000).All(second => second.Count() <= 501), "At most 500 a second.");
    }
}
