namespace CS3103P2P.Stun.Tests;

[TestClass]
public sealed class MappingLifetimeSearchTests
{
    [TestMethod]
    [DataRow(4.0, 60)]
    [DataRow(30.0, 300)]
    [DataRow(120.0, 600)]
    [DataRow(1.5, 10)]
    public void NextRound_AgainstALifetime_ClosesInOnIt(double lifetimeSeconds, int longestSeconds)
    {
        var lifetime = TimeSpan.FromSeconds(lifetimeSeconds);
        TimeSpan spent = Run(lifetime, TimeSpan.FromSeconds(longestSeconds), out NatLifetime found);

        Assert.IsLessThan(lifetime, found.AtLeast);
        Assert.IsNotNull(found.Below);
        Assert.IsGreaterThanOrEqualTo(lifetime, found.Below.Value);
        Assert.IsLessThanOrEqualTo(lifetime / 4 + TimeSpan.FromMilliseconds(300), found.Below.Value - found.AtLeast);
        Assert.IsLessThanOrEqualTo(lifetime * 3.5 + TimeSpan.FromSeconds(1), spent);
    }

    [TestMethod]
    public void NextRound_WhenEveryPauseIsOutlived_EndsAfterOneRound()
    {
        TimeSpan spent = Run(TimeSpan.MaxValue, TimeSpan.FromSeconds(100), out NatLifetime found);

        Assert.AreEqual(new NatLifetime(TimeSpan.FromSeconds(100), null), found);
        Assert.AreEqual(TimeSpan.FromSeconds(100), spent);
    }

    [TestMethod]
    public void NextRound_Always_HoldsFewMappings()
    {
        var search = new MappingLifetimeSearch(TimeSpan.FromHours(1));
        Assert.IsLessThanOrEqualTo(MappingLifetimeSearch.MaxProbes, search.NextRound().Count);
        search.HandleRound(TimeSpan.FromSeconds(900), TimeSpan.FromSeconds(1800));
        Assert.HasCount(MappingLifetimeSearch.MaxProbes, search.NextRound());
    }

    private static TimeSpan Run(TimeSpan lifetime, TimeSpan longest, out NatLifetime found)
    {
        var search = new MappingLifetimeSearch(longest);
        TimeSpan spent = TimeSpan.Zero;
        while (search.NextRound() is { Count: > 0 } pauses)
        {
            TimeSpan? alive = null, dead = null;
            foreach (TimeSpan pause in pauses)
            {
                if (pause >= lifetime)
                {
                    dead = pause;
                    break;
                }

                alive = pause;
            }

            spent += dead ?? pauses[^1];
            search.HandleRound(alive, dead);
        }

        found = search.Result ?? throw new AssertFailedException("nothing was found");
        return spent;
    }
}
