using CS3103P2P.Stun.PortMapping;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Tests.PortMapping;

[TestClass]
public sealed class ServerEpochTests
{
    [TestMethod]
    [DataRow(true, 1000u, 600, 1600u, false, DisplayName = "in step")]
    [DataRow(true, 1000u, 600, 1565u, false, DisplayName = "slow within a sixteenth")]
    [DataRow(true, 1000u, 600, 1500u, true, DisplayName = "too slow")]
    [DataRow(true, 1000u, 600, 1700u, true, DisplayName = "too fast")]
    [DataRow(true, 1000u, 1, 999u, false, DisplayName = "one second back is rounding")]
    [DataRow(true, 1000u, 1, 998u, true, DisplayName = "back")]
    [DataRow(false, 1000u, 800, 1698u, false, DisplayName = "NAT-PMP: seven eighths less two")]
    [DataRow(false, 1000u, 800, 1697u, true, DisplayName = "NAT-PMP: too slow")]
    [DataRow(false, 1000u, 10, 9000u, false, DisplayName = "NAT-PMP: ahead is no restart")]
    [DataRow(false, 1000u, 10, 3u, true, DisplayName = "NAT-PMP: restarted")]
    public void Update_SecondCount_TellsARestart(bool pcp, uint first, int elapsedSeconds, uint second, bool restarted)
    {
        var epoch = new ServerEpoch(distrustAhead: pcp);
        Assert.IsFalse(epoch.Update(new MonotonicTime(0), first), "the first count compares with nothing");
        Assert.AreEqual(restarted, epoch.Update(new MonotonicTime(elapsedSeconds * 1_000_000L), second));
    }
}
