using CS3103P2P.Peer.Connectivity;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Tests.Connectivity;

[TestClass]
public sealed class ConnectionWatchTests
{
    private static readonly TimeSpan Instant = TimeSpan.FromMilliseconds(1);
    private readonly ManualTime _time = new();

    [TestMethod]
    public void CheckDoubt_PeerOwesDataAndIsSilent_TellsOnceAndThenNowAndThen()
    {
        var watch = new ConnectionWatch(_time);
        _time.Advance(10 * ConnectionLimits.Doubt);
        MonotonicTime asked = watch.Clock.Now;
        Assert.AreEqual(asked + ConnectionLimits.Doubt, watch.DoubtDeadline(asked));
        Assert.IsFalse(watch.CheckDoubt(asked), "it was asked only now");
        _time.Advance(ConnectionLimits.Doubt - Instant);
        Assert.IsFalse(watch.CheckDoubt(asked));
        Assert.IsFalse(watch.IsInDoubt(asked));
        _time.Advance(Instant);
        Assert.IsTrue(watch.CheckDoubt(asked));
        Assert.IsTrue(watch.IsInDoubt(asked));
        Assert.AreEqual(watch.Clock.Now + ConnectionLimits.DoubtRepetition, watch.DoubtDeadline(asked));
        _time.Advance(ConnectionLimits.DoubtRepetition - Instant);
        Assert.IsFalse(watch.CheckDoubt(asked), "it was told already");
        _time.Advance(Instant);
        Assert.IsTrue(watch.CheckDoubt(asked));
    }

    [TestMethod]
    public void CheckDoubt_PeerIsHeardAgain_EndsTheDoubtAtOnce()
    {
        var watch = new ConnectionWatch(_time);
        MonotonicTime asked = watch.Clock.Now;
        _time.Advance(ConnectionLimits.Doubt);
        Assert.IsTrue(watch.CheckDoubt(asked));
        watch.NoteData();
        Assert.IsFalse(watch.IsInDoubt(asked), "before anybody has looked");
        Assert.IsFalse(watch.CheckDoubt(asked));
        _time.Advance(ConnectionLimits.Doubt);
        Assert.IsTrue(watch.CheckDoubt(asked), "a new doubt is told at once");
    }

    [TestMethod]
    public void CheckDoubt_NothingIsDue_NeverDoubts()
    {
        var watch = new ConnectionWatch(_time);
        _time.Advance(10 * ConnectionLimits.Doubt);
        Assert.IsNull(watch.DoubtDeadline(null));
        Assert.IsFalse(watch.CheckDoubt(null));
    }

    [TestMethod]
    public void CheckDoubt_ServedPeerIsSilent_DoubtsFromTheFirstThatWasServed()
    {
        var watch = new ConnectionWatch(_time);
        _time.Advance(Instant);
        watch.NoteWriteEnd(isData: true);
        _time.Advance(ConnectionLimits.Doubt - Instant);
        watch.NoteWriteEnd(isData: true);
        Assert.IsFalse(watch.CheckDoubt(null));
        _time.Advance(Instant);
        Assert.IsTrue(watch.CheckDoubt(null));
        watch.NoteFrame(isData: false);
        _time.Advance(ConnectionLimits.Doubt);
        Assert.IsFalse(watch.CheckDoubt(null), "it has answered since");
    }

    [TestMethod]
    public void CheckDoubt_WriteThatDoesNotEnd_Doubts()
    {
        var watch = new ConnectionWatch(_time);
        int told = 0;
        watch.SomethingDue = () => told++;
        watch.NoteWriteStart();
        Assert.AreEqual(1, told);
        _time.Advance(ConnectionLimits.Doubt);
        Assert.IsTrue(watch.CheckDoubt(null));
        watch.NoteWriteEnd(isData: false);
        Assert.IsFalse(watch.IsInDoubt(null));
        Assert.AreEqual(1, told, "small frames need no answer");
    }

    [TestMethod]
    public void Check_ConnectionInUseAndOursSilent_KeepsAliveAndThenWaitsAsLongAgain()
    {
        var watch = new ConnectionWatch(_time);
        Assert.AreEqual(watch.Clock.Now + ConnectionLimits.KeepAlive, watch.Deadline(isUsed: true));
        _time.Advance(ConnectionLimits.KeepAlive - Instant);
        Assert.IsNull(watch.Check(isUsed: true, out bool isKeepAliveDue));
        Assert.IsFalse(isKeepAliveDue);
        _time.Advance(Instant);
        Assert.IsNull(watch.Check(isUsed: true, out isKeepAliveDue));
        Assert.IsTrue(isKeepAliveDue);
        Assert.AreEqual(watch.Clock.Now + ConnectionLimits.KeepAlive, watch.Deadline(isUsed: true), "also when it waits to be written");
    }

    [TestMethod]
    public void Check_PeerSilent_EndsAtTheDeadline()
    {
        var watch = new ConnectionWatch(_time);
        string? why = null;
        for (int looks = 0; why is null; looks++)
        {
            Assert.IsLessThan(10, looks);
            _time.Advance(watch.Deadline(isUsed: true) - watch.Clock.Now);
            why = watch.Check(isUsed: true, out _);
        }

        Assert.AreEqual(ConnectionLimits.Silence, watch.Clock.Now - default(MonotonicTime));
        Assert.Contains("silent", why);
    }

    [TestMethod]
    public void Check_NotUsedSinceAShareWasClosed_EndsAfterThatTime()
    {
        var watch = new ConnectionWatch(_time);
        _time.Advance(10 * ConnectionLimits.Unused);
        watch.NoteFrame(isData: false);
        watch.NoteUse();
        MonotonicTime closed = watch.Clock.Now;
        string? why;
        do
        {
            watch.NoteFrame(isData: false);
            _time.Advance(watch.Deadline(isUsed: false) - watch.Clock.Now);
            why = watch.Check(isUsed: false, out _);
        }
        while (why is null && watch.Clock.Now < closed + (2 * ConnectionLimits.Unused));

        Assert.AreEqual(ConnectionLimits.Unused, watch.Clock.Now - closed);
        Assert.AreEqual("it was not used", why);
    }
}
