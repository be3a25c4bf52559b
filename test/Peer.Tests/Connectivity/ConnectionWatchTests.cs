using CS3103P2P.Peer.Connectivity;

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
        Assert.IsFalse(watch.CheckDoubt(owesUs: true), "it was asked only now");
        _time.Advance(ConnectionLimits.Doubt - Instant);
        Assert.IsFalse(watch.CheckDoubt(owesUs: true));
        _time.Advance(Instant);
        Assert.IsTrue(watch.CheckDoubt(owesUs: true));
        Assert.IsTrue(watch.IsInDoubt);
        _time.Advance(ConnectionLimits.DoubtRepetition - Instant);
        Assert.IsFalse(watch.CheckDoubt(owesUs: true), "it was told already");
        _time.Advance(Instant);
        Assert.IsTrue(watch.CheckDoubt(owesUs: true));
    }

    [TestMethod]
    public void CheckDoubt_PeerIsHeardAgain_EndsTheDoubtAtOnce()
    {
        var watch = new ConnectionWatch(_time);
        watch.CheckDoubt(owesUs: true);
        _time.Advance(ConnectionLimits.Doubt);
        Assert.IsTrue(watch.CheckDoubt(owesUs: true));
        watch.NoteData();
        Assert.IsFalse(watch.CheckDoubt(owesUs: true));
        Assert.IsFalse(watch.IsInDoubt);
        _time.Advance(ConnectionLimits.Doubt);
        Assert.IsTrue(watch.CheckDoubt(owesUs: true), "a new doubt is told at once");
    }

    [TestMethod]
    public void CheckDoubt_NothingIsDue_NeverDoubts()
    {
        var watch = new ConnectionWatch(_time);
        _time.Advance(10 * ConnectionLimits.Doubt);
        Assert.IsFalse(watch.CheckDoubt(owesUs: false));
    }

    [TestMethod]
    public void CheckDoubt_ServedPeerIsSilent_Doubts()
    {
        var watch = new ConnectionWatch(_time);
        _time.Advance(Instant);
        watch.NoteServed();
        watch.CheckDoubt(owesUs: false);
        _time.Advance(ConnectionLimits.Doubt);
        Assert.IsTrue(watch.CheckDoubt(owesUs: false));
        watch.NoteFrame(isData: false);
        _time.Advance(ConnectionLimits.Doubt);
        Assert.IsFalse(watch.CheckDoubt(owesUs: false), "it has answered since");
    }
}
