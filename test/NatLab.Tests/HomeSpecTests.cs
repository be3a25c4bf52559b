namespace CS3103P2P.NatLab.Tests;

[TestClass]
public sealed class HomeSpecTests
{
    [TestMethod]
    public void TryParse_EveryKindName_RoundTrips()
    {
        foreach (var kind in NatKinds.All)
        {
            Assert.IsTrue(HomeSpec.TryParse(NatKinds.NameOf(kind), out var spec));
            Assert.AreEqual(new HomeSpec(kind, new HomeOptions()), spec);
        }
    }

    [TestMethod]
    public void TryParse_AllOptions_AreApplied()
    {
        Assert.IsTrue(HomeSpec.TryParse("full-cone:hosts=2,hairpin,preserve,delay=20,jitter=2.5,loss=1,rate=50", out var spec));
        var link = new LinkConditions
        {
            Delay = TimeSpan.FromMilliseconds(20),
            Jitter = TimeSpan.FromMilliseconds(2.5),
            Loss = 0.01,
            RateBitsPerSecond = 50_000_000,
        };
        Assert.AreEqual(new HomeOptions { Hosts = 2, Hairpin = true, Ports = PortAllocation.Preserve, Link = link }, spec.Options);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("conical")]
    [DataRow("full-cone:")]
    [DataRow("full-cone:hosts")]
    [DataRow("full-cone:hosts=0")]
    [DataRow("full-cone:hosts=21")]
    [DataRow("full-cone:loss=101")]
    [DataRow("full-cone:rate=0")]
    [DataRow("full-cone:delay=-1")]
    [DataRow("full-cone:speed=1")]
    public void TryParse_Nonsense_IsRefused(string text) => Assert.IsFalse(HomeSpec.TryParse(text, out _));
}
