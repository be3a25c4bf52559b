using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.Tests.Nat;

[TestClass]
public sealed class MappingWitnessTests
{
    private static readonly TransportAddress Before = Addresses.Of("203.0.113.5:6881");
    private static readonly TransportAddress OtherPort = Addresses.Of("203.0.113.5:7000");
    private static readonly TransportAddress Moved = Addresses.Of("198.51.100.9:7000");

    private readonly MappingWitness _witness = new();

    [TestMethod]
    public void TryEndRound_SamePort_IsKept()
    {
        Round(0, ("a", Before), ("b", OtherPort));
        Assert.AreEqual((10, true), Round(10, ("a", Before), ("b", OtherPort)), "servers that disagree are no sign of loss");
    }

    [TestMethod]
    public void TryEndRound_OneServerSeesAnotherPort_IsLost()
    {
        Round(0, ("a", Before), ("b", Before));
        Assert.AreEqual((10, false), Round(10, ("a", Before), ("b", OtherPort)));
        Assert.AreEqual((10, true), Round(20, ("a", Before), ("b", OtherPort)), "each round stands for itself");
    }

    [TestMethod]
    public void TryEndRound_FirstRoundOrSilenceOrMove_TellsNothing()
    {
        Assert.IsNull(Round(0, ("a", Before)));
        Assert.IsNull(Round(10, ("a", null)));
        Assert.IsNull(Round(20, ("a", Moved)));
        Assert.IsNull(Round(30));
        Assert.AreEqual((20, true), Round(40, ("a", Moved)));
    }

    [TestMethod]
    public void TryEndRound_UnansweredQuestion_HasUsedTheMapping()
    {
        Round(0, ("a", Before));
        Round(10, ("a", null));
        Assert.AreEqual((5, false), Round(15, ("a", OtherPort)));
    }

    private (int IdleSeconds, bool IsKept)? Round(int atSeconds, params (string Server, TransportAddress? Seen)[] answers)
    {
        foreach ((string server, TransportAddress? seen) in answers) _witness.Handle(server, TimeSpan.FromSeconds(atSeconds), seen);
        return _witness.TryEndRound(out TimeSpan idle, out bool isKept) ? ((int)idle.TotalSeconds, isKept) : null;
    }
}
