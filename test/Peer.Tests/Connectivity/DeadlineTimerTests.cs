using CS3103P2P.Peer.Connectivity;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Tests.Connectivity;

[TestClass]
public sealed class DeadlineTimerTests
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(1);
    private readonly ManualTime _time = new();
    private readonly MonotonicClock _clock;
    private readonly List<TimeSpan> _looks = [];
    private Action<DeadlineTimer> _look = _ => { };

    public DeadlineTimerTests() => _clock = new MonotonicClock(_time);

    [TestMethod]
    public void Arm_NothingDue_NeverLooks()
    {
        DeadlineTimer timer = Make();
        timer.Arm(null);
        Run(TimeSpan.FromSeconds(1));
        Assert.IsEmpty(_looks);
    }

    [TestMethod]
    public void Arm_SeveralTimes_LooksAtTheEarliestOnly()
    {
        DeadlineTimer timer = Make();
        timer.Arm(After(30));
        timer.Arm(After(20));
        timer.Arm(After(40));
        Run(TimeSpan.FromSeconds(1));
        CollectionAssert.AreEqual(new[] { TimeSpan.FromMilliseconds(20) }, _looks);
    }

    [TestMethod]
    public void Arm_WithinTheLook_LooksAgainThen()
    {
        DeadlineTimer timer = Make();
        _look = own =>
        {
            if (_looks.Count == 1) own.Arm(After(25));
        };
        timer.Arm(After(5));
        Run(TimeSpan.FromSeconds(1));
        CollectionAssert.AreEqual(new[] { TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(30) }, _looks);
    }

    [TestMethod]
    public void Arm_DeadlineThatStaysInThePast_LooksAtTheSmallestSpacing()
    {
        DeadlineTimer timer = Make();
        _look = own => own.Arm(default(MonotonicTime));
        timer.Arm(default(MonotonicTime));
        Run(TimeSpan.FromMilliseconds(100));
        Assert.HasCount(10, _looks);
    }

    [TestMethod]
    public void Arm_FromOutsideWhileItLooks_IsNotLost()
    {
        DeadlineTimer timer = Make();
        _look = own =>
        {
            if (_looks.Count > 1) return;
            Task.Run(() => own.Arm(After(15))).Wait();
        };
        timer.Arm(After(1));
        Run(TimeSpan.FromMilliseconds(100));
        CollectionAssert.AreEqual(new[] { TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(16) }, _looks);
    }

    [TestMethod]
    public async Task DisposeAsync_Armed_LooksNoMore()
    {
        DeadlineTimer timer = Make();
        timer.Arm(After(5));
        await timer.DisposeAsync();
        timer.Arm(After(1));
        Run(TimeSpan.FromMilliseconds(100));
        Assert.IsEmpty(_looks);
    }

    [TestMethod]
    public async Task Arm_OfManyThreadsOnTheSystemClock_NoDeadlineIsMissed()
    {
        const int Rounds = 50;
        int wanted = 0;
        int seen = 0;
        var clock = new MonotonicClock(TimeProvider.System);
        await using var timer = new DeadlineTimer(TimeProvider.System, clock, () => Volatile.Write(ref seen, Volatile.Read(ref wanted)));
        for (int round = 0; round < Rounds; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            {
                Interlocked.Increment(ref wanted);
                timer.Arm(clock.Now);
            })));
            MonotonicTime limit = clock.Now + TimeSpan.FromSeconds(20);
            while (Volatile.Read(ref seen) != Volatile.Read(ref wanted))
            {
                Assert.IsTrue(clock.Now < limit, $"round {round}: {seen} of {wanted}");
                await Task.Yield();
            }
        }
    }

    private DeadlineTimer Make()
    {
        DeadlineTimer? timer = null;
        timer = new DeadlineTimer(_time, _clock, () =>
        {
            _looks.Add(_clock.Now - default(MonotonicTime));
            _look(timer!);
        });
        return timer;
    }

    private MonotonicTime After(int milliseconds) => _clock.Now + TimeSpan.FromMilliseconds(milliseconds);

    private void Run(TimeSpan span)
    {
        for (TimeSpan passed = TimeSpan.Zero; passed < span; passed += Step) _time.Advance(Step);
    }
}
