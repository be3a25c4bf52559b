using CS3103P2P.Stun.Ice;

namespace CS3103P2P.Stun.Tests.Ice;

[TestClass]
public sealed class IceAgentTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(20);

    [TestMethod]
    [DataRow(1UL, 2UL)]
    [DataRow(2UL, 1UL)]
    [DataRow(7UL, 7UL)]
    public void Roles_BothControlling_EndDifferent(ulong first, ulong second)
    {
        var world = new IceWorld(3, Delay);
        IcePeer a = world.AddPeer(IceNatKind.PortRestricted);
        IcePeer b = world.AddPeer(IceNatKind.FullCone);
        a.Begin(IceRole.Controlling, first);
        b.Begin(IceRole.Controlling, second);
        a.Introduce(b);
        b.Introduce(a);
        Assert.IsTrue(world.Time.RunUntil(() => a.Agent!.Selected is not null && b.Agent!.Selected is not null, TimeSpan.FromSeconds(5)));
        world.Time.Run(TimeSpan.FromSeconds(3));
        if (first != second) Assert.AreNotEqual(a.Agent!.Role, b.Agent!.Role);
        Assert.AreEqual(IceAgentState.Connected, a.Agent!.State);
        Assert.AreEqual(IceAgentState.Connected, b.Agent!.State);
    }

    // Found by the simulator: what was in use through the relay left the table of pairs, and nothing asked after it any more.
    [TestMethod]
    public void Consent_PeerGoneAndRelayGoneToo_IsLost()
    {
        var world = new IceWorld(5, Delay, hasRelay: true);
        IcePeer a = world.AddPeer(IceNatKind.Symmetric);
        IcePeer b = world.AddPeer(IceNatKind.Symmetric);
        a.Connect(b);
        Assert.IsTrue(world.Time.RunUntil(() => a.Agent!.Selected is { IsRelayed: true, Path: IcePaths.FirstRelay }, TimeSpan.FromSeconds(17)), a.Log);
        world.Time.Run(TimeSpan.FromSeconds(2));
        world.Internet.Loss = 1;
        Assert.IsTrue(world.Time.RunUntil(() => a.Agent!.State == IceAgentState.Doubtful, TimeSpan.FromSeconds(4)), a.Log);
        a.Agent!.SetLocal(world.Time.Now, new IceLocalDescription([IceCandidate.Create(IceCandidateType.Host, Addresses.Of("192.168.1.2:6881"))], [], default));
        Assert.IsTrue(world.Time.RunUntil(() => a.Agent!.State == IceAgentState.Failed, TimeSpan.FromSeconds(31)), a.Log);
        Assert.AreEqual(IceFailureReason.ConsentLost, a.Agent!.Failure!.Reason);
    }

    [TestMethod]
    public void Consent_PeerGone_IsDoubtedThenLost()
    {
        (IceWorld world, IcePeer a, _) = Connected(IceNatKind.PortRestricted, IceNatKind.PortRestricted);
        world.Internet.Loss = 1;
        Assert.IsTrue(world.Time.RunUntil(() => a.Agent!.State == IceAgentState.Doubtful, TimeSpan.FromSeconds(3)), a.Log);
        Assert.IsTrue(world.Time.RunUntil(() => a.Agent!.State == IceAgentState.Failed, TimeSpan.FromSeconds(31)), a.Log);
        Assert.AreEqual(IceFailureReason.ConsentLost, a.Agent!.Failure!.Reason);
        int before = a.ChecksSent;
        world.Time.Run(TimeSpan.FromMinutes(1));
        Assert.AreEqual(before, a.ChecksSent, "Nothing is sent without consent.");
    }

    [TestMethod]
    public void Consent_LinkCutForFiveSeconds_RecoversAtOnce()
    {
        (IceWorld world, IcePeer a, IcePeer b) = Connected(IceNatKind.PortRestricted, IceNatKind.FullCone);
        world.Internet.Loss = 1;
        world.Time.Run(TimeSpan.FromSeconds(5));
        Assert.AreEqual(IceAgentState.Doubtful, a.Agent!.State);
        world.Internet.Loss = 0;
        Assert.IsTrue(world.Time.RunUntil(() => BothConnected(a, b), TimeSpan.FromMilliseconds(600)), $"{a.Log}\n{b.Log}");
    }

    // Found by the simulator: on a full link answers came after more than a second, the last four checks were newer, and a way that worked was given up.
    [TestMethod]
    [DataRow(700)]
    [DataRow(1_800)]
    public void Consent_AnswersTakeSecondsOfASudden_StaysConnected(int delayMillis)
    {
        (IceWorld world, IcePeer a, IcePeer b) = Connected(IceNatKind.PortRestricted, IceNatKind.FullCone);
        world.Internet.Delay = TimeSpan.FromMilliseconds(delayMillis);
        world.Time.Run(TimeSpan.FromSeconds(10));
        Assert.IsTrue(BothConnected(a, b), $"{a.Log}\n{b.Log}");
        world.Time.Run(TimeSpan.FromSeconds(60));
        Assert.IsTrue(BothConnected(a, b), $"{a.Log}\n{b.Log}");
    }

    [TestMethod]
    public void Consent_OfAQuietConnection_CostsLittle()
    {
        (IceWorld world, IcePeer a, IcePeer b) = Connected(IceNatKind.PortRestricted, IceNatKind.PortRestricted);
        world.Time.Run(TimeSpan.FromSeconds(5));
        int before = a.ChecksSent;
        world.Time.Run(TimeSpan.FromSeconds(60));
        Assert.IsLessThan(150, a.ChecksSent - before, "Checks and answers in a minute.");
        Assert.IsTrue(BothConnected(a, b));
    }

    // Found by the simulator: a way that had been guessed was never guessed anew, and was lost after 30 s of silence.
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Flush_OfEitherNatOfAGuessedWay_IsGuessedAnew(bool hardOne)
    {
        (IceWorld world, IcePeer hard, IcePeer easy) = Connected(IceNatKind.Symmetric, IceNatKind.PortRestricted);
        (hardOne ? hard : easy).Routers[0].Flush();
        Assert.IsTrue(world.Time.RunUntil(() => hard.Agent!.State == IceAgentState.Doubtful && easy.Agent!.State == IceAgentState.Doubtful, TimeSpan.FromSeconds(4)), hard.Log);
        bool isBack = world.Time.RunUntil(() => hard.Agent!.State == IceAgentState.Connected && easy.Agent!.State == IceAgentState.Connected, TimeSpan.FromSeconds(20));
        Assert.IsTrue(isBack, $"{hard.Log}\n{easy.Log}");
        world.Time.Run(TimeSpan.FromSeconds(5));
        Assert.AreEqual(0, hard.Agent!.WantedSockets);
        (int before, int checks) = (easy.DataReceived, hard.ChecksSent + easy.ChecksSent);
        hard.SendData();
        world.Time.Run(TimeSpan.FromSeconds(10));
        Assert.AreEqual(before + 1, easy.DataReceived);
        Assert.IsLessThan(500, hard.ChecksSent + easy.ChecksSent - checks, "A search takes as many a second.");
    }

    // Found by the simulator: it guessed through a NAT of which it did not know that it was symmetric too, and filled all 4,096 ports of its router.
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Connect_MappingUnknown_GuessesNothing(bool begins)
    {
        var world = new IceWorld(3, Delay, hasRelay: true);
        IcePeer known = world.AddPeer(IceNatKind.Symmetric);
        IcePeer unknown = world.AddPeer(IceNatKind.Symmetric);
        unknown.KnowsMapping = false;
        if (begins) unknown.Connect(known);
        else known.Connect(unknown);
        Assert.IsTrue(world.Time.RunUntil(() => BothConnected(known, unknown), TimeSpan.FromSeconds(5)), $"{known.Log}\n{unknown.Log}");
        world.Time.Run(TimeSpan.FromSeconds(30));
        Assert.IsLessThan(500, known.ChecksSent + unknown.ChecksSent, "A search takes as many a second.");
        Assert.IsTrue(BothConnected(known, unknown));
    }

    // Whoever closes a connection does so in silence; a search each time would be 7,500 datagrams for nobody.
    [TestMethod]
    public void Consent_PeerOfAGuessedWayGone_IsLostWithoutGuessing()
    {
        (IceWorld world, IcePeer hard, IcePeer easy) = Connected(IceNatKind.Symmetric, IceNatKind.PortRestricted);
        world.Internet.Loss = 1;
        int before = hard.ChecksSent + easy.ChecksSent;
        Assert.IsTrue(world.Time.RunUntil(() => hard.Agent!.State == IceAgentState.Failed && easy.Agent!.State == IceAgentState.Failed, TimeSpan.FromSeconds(40)), hard.Log);
        Assert.IsLessThan(500, hard.ChecksSent + easy.ChecksSent - before);
    }

    [TestMethod]
    [DataRow(IceNatKind.PortRestricted, IceNatKind.PortRestricted)]
    [DataRow(IceNatKind.PortRestricted, IceNatKind.Firewalled)]
    [DataRow(IceNatKind.FullCone, IceNatKind.Symmetric)]
    public void Flush_OfOneNat_RecoversWithinFiveSeconds(IceNatKind first, IceNatKind second)
    {
        (IceWorld world, IcePeer a, IcePeer b) = Connected(first, second);
        a.Routers[0].Flush();
        CheckRecovers(world, a, b);
    }

    // Found by the simulator: the new address of one side could not be told to the other, and both stayed on a relay that had seen it.
    [TestMethod]
    [DataRow(IceNatKind.PortRestricted, IceNatKind.FullCone)]
    [DataRow(IceNatKind.PortRestricted, IceNatKind.PortRestricted)]
    public void Flush_WithoutNewOffers_IsDirectAgainByWhatTheRelaySaw(IceNatKind first, IceNatKind second)
    {
        var world = new IceWorld(12, Delay, hasRelay: true);
        IcePeer a = world.AddPeer(first);
        IcePeer b = world.AddPeer(second);
        a.GathersOnDoubt = b.GathersOnDoubt = false;
        a.Connect(b);
        Assert.IsTrue(world.Time.RunUntil(() => IsDirect(a) && IsDirect(b), TimeSpan.FromSeconds(5)), $"{a.Log}\n{b.Log}");
        world.Time.Run(TimeSpan.FromSeconds(2));
        b.Routers[0].Flush();
        Assert.IsTrue(world.Time.RunUntil(() => a.Agent!.Selected is { IsRelayed: true }, TimeSpan.FromSeconds(5)), $"{a.Log}\n-- b\n{b.Log}");
        Assert.IsTrue(world.Time.RunUntil(() => IsDirect(a) && IsDirect(b), TimeSpan.FromSeconds(5)), $"{a.Log}\n-- b\n{b.Log}");
    }

    [TestMethod]
    [DataRow(IceNatKind.PortRestricted, IceNatKind.PortRestricted)]
    [DataRow(IceNatKind.RestrictedCone, IceNatKind.Firewalled)]
    public void Renumbering_OfOneHome_RecoversWithinFiveSeconds(IceNatKind first, IceNatKind second)
    {
        (IceWorld world, IcePeer a, IcePeer b) = Connected(first, second);
        a.Routers[0].Renumber(Addresses.Of("203.0.113.99:1"));
        CheckRecovers(world, a, b);
        Assert.IsTrue(world.Time.RunUntil(() => b.Agent!.Selected?.Remote.ToString().StartsWith("203.0.113.99:", StringComparison.Ordinal) == true, TimeSpan.FromSeconds(1)));
    }

    // Found by the simulator: no offer reached the side without a relay, so it never learned where the other had moved to, and both stayed on the relay.
    [TestMethod]
    [DataRow(IceNatKind.PortRestricted, IceNatKind.RestrictedCone)]
    [DataRow(IceNatKind.PortRestricted, IceNatKind.PortRestricted)]
    [DataRow(IceNatKind.FullCone, IceNatKind.PortRestricted)]
    public void Renumbering_WithoutNewOffers_IsDirectAgainByWhatChecksOverTheRelayTell(IceNatKind first, IceNatKind second)
    {
        var world = new IceWorld(13, Delay, hasRelay: true);
        IcePeer a = world.AddPeer(first);
        IcePeer b = world.AddPeer(second);
        b.HasRelay = false;
        a.Connect(b);
        Assert.IsTrue(world.Time.RunUntil(() => IsDirect(a) && IsDirect(b), TimeSpan.FromSeconds(5)), $"{a.Log}\n{b.Log}");
        world.Time.Run(TimeSpan.FromSeconds(2));
        a.LosesOffers = b.LosesOffers = true;
        a.Routers[0].Renumber(Addresses.Of("203.0.113.99:1"));
        Assert.IsTrue(world.Time.RunUntil(() => b.Agent!.Selected is { IsRelayed: true }, TimeSpan.FromSeconds(5)), $"{a.Log}\n-- b\n{b.Log}");
        Assert.IsTrue(world.Time.RunUntil(() => IsDirect(a) && IsDirect(b), TimeSpan.FromSeconds(5)), $"{a.Log}\n-- b\n{b.Log}");
        StringAssert.StartsWith(b.Agent!.Selected!.Value.Remote.ToString(), "203.0.113.99:");
    }

    [TestMethod]
    public void Restart_OfOneSide_KeepsThePathAndChangesTheCredentials()
    {
        (IceWorld world, IcePeer a, IcePeer b) = Connected(IceNatKind.PortRestricted, IceNatKind.PortRestricted);
        string before = a.Agent!.Credentials.Fragment;
        a.Restart();
        Assert.AreNotEqual(before, a.Agent.Credentials.Fragment);
        bool wasSilent = world.Time.RunUntil(() => !BothConnected(a, b), TimeSpan.FromSeconds(40));
        Assert.IsFalse(wasSilent, $"{a.Log}\n{b.Log}");
    }

    [TestMethod]
    public void Restart_Twice_StillConnected()
    {
        (IceWorld world, IcePeer a, IcePeer b) = Connected(IceNatKind.PortRestricted, IceNatKind.PortRestricted);
        for (int i = 0; i < 2; i++)
        {
            a.Restart();
            b.Restart();
            world.Time.Run(TimeSpan.FromSeconds(10));
            Assert.IsTrue(BothConnected(a, b), $"{i}\n{a.Log}\n{b.Log}");
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Housemates_WithAndWithoutHairpin_UseTheLan(bool hairpin)
    {
        var world = new IceWorld(5, Delay, hasRelay: true);
        (IcePeer a, IcePeer b) = world.AddHousemates(IceNatKind.PortRestricted, hairpin);
        a.Connect(b);
        world.Time.Run(TimeSpan.FromSeconds(3));
        Assert.AreEqual(b.Address, a.Agent!.Selected?.Remote, a.Log);
        Assert.AreEqual(a.Address, b.Agent!.Selected?.Remote, b.Log);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Neighbours_BehindOneCarrier_AreDirectOnlyWithHairpin(bool hairpin)
    {
        var world = new IceWorld(6, Delay, hasRelay: true);
        (IcePeer a, IcePeer b) = world.AddNeighbours(hairpin);
        a.Connect(b);
        world.Time.Run(TimeSpan.FromSeconds(5));
        Assert.AreEqual(!hairpin, a.Agent!.Selected?.IsRelayed, a.Log);
        Assert.AreEqual(!hairpin, b.Agent!.Selected?.IsRelayed, b.Log);
    }

    [TestMethod]
    public void Failure_NoOfferComes_SaysSo()
    {
        var world = new IceWorld(7, Delay);
        IcePeer a = world.AddPeer(IceNatKind.Public);
        IcePeer b = world.AddPeer(IceNatKind.Public);
        a.Connect(b, offerLoss: 1);
        world.Time.Run(TimeSpan.FromSeconds(11));
        Assert.AreEqual(IceFailureReason.OfferNotDelivered, a.Agent!.Failure?.Reason);
    }

    [TestMethod]
    public void Failure_TwoSymmetricNatsWithoutRelay_NamesBothAndGuessesNothing()
    {
        var world = new IceWorld(8, Delay);
        IcePeer a = world.AddPeer(IceNatKind.Symmetric);
        IcePeer b = world.AddPeer(IceNatKind.CgnatSymmetric);
        a.Connect(b);
        world.Time.Run(TimeSpan.FromSeconds(25));
        IceFailure failure = a.Agent!.Failure!;
        Assert.AreEqual(IceFailureReason.ChecksFailed, failure.Reason);
        Assert.IsTrue(failure.LocalNat.IsSymmetric && failure.RemoteNat.IsSymmetric);
        Assert.IsLessThan(200, a.ChecksSent);
    }

    [TestMethod]
    [DataRow(IceRelayState.Unknown, IceFailureReason.ChecksFailed)]
    [DataRow(IceRelayState.Absent, IceFailureReason.RelayAbsent)]
    [DataRow(IceRelayState.Ready, IceFailureReason.ChecksFailed)]
    [DataRow(IceRelayState.Refused, IceFailureReason.RelayRefused)]
    [DataRow(IceRelayState.QuotaReached, IceFailureReason.RelayQuota)]
    [DataRow(IceRelayState.Unreachable, IceFailureReason.RelayUnreachable)]
    public void Failure_WithoutADirectWay_SaysWhatBecameOfTheRelay(IceRelayState relay, IceFailureReason expected)
    {
        var world = new IceWorld(9, Delay);
        IcePeer a = world.AddPeer(IceNatKind.Symmetric);
        IcePeer b = world.AddPeer(IceNatKind.Symmetric);
        a.Connect(b);
        a.Agent!.HandleRelay(relay);
        world.Time.Run(TimeSpan.FromSeconds(25));
        Assert.AreEqual(expected, a.Agent.Failure?.Reason);
    }

    [TestMethod]
    public void Latency_HolePunchAtTwentyMilliseconds_TakesAQuarterOfASecond()
    {
        var world = new IceWorld(10, Delay);
        IcePeer a = world.AddPeer(IceNatKind.PortRestricted);
        IcePeer b = world.AddPeer(IceNatKind.PortRestricted);
        long start = world.Time.Now.Micros;
        a.Connect(b);
        Assert.IsTrue(world.Time.RunUntil(() => BothConnected(a, b), TimeSpan.FromSeconds(5)));
        Assert.IsLessThan(250_000, world.Time.Now.Micros - start);
    }

    private static void CheckRecovers(IceWorld world, IcePeer a, IcePeer b)
    {
        world.Time.Run(TimeSpan.FromSeconds(4.8));
        (int atA, int atB) = (a.DataReceived, b.DataReceived);
        a.SendData();
        b.SendData();
        world.Time.Run(TimeSpan.FromMilliseconds(200));
        Assert.AreEqual((atA + 1, atB + 1), (a.DataReceived, b.DataReceived), $"{a.Log}\n-- b\n{b.Log}");
    }

    private static bool IsDirect(IcePeer peer) => peer.Agent?.Selected is { IsRelayed: false };

    private static bool BothConnected(IcePeer a, IcePeer b) => a.Agent?.State == IceAgentState.Connected && b.Agent?.State == IceAgentState.Connected;

    private static (IceWorld World, IcePeer A, IcePeer B) Connected(IceNatKind first, IceNatKind second)
    {
        var world = new IceWorld(11, Delay);
        IcePeer a = world.AddPeer(first);
        IcePeer b = world.AddPeer(second);
        a.Connect(b);
        Assert.IsTrue(world.Time.RunUntil(() => BothConnected(a, b), TimeSpan.FromSeconds(17)), $"{a.Log}\n{b.Log}");
        world.Time.Run(TimeSpan.FromSeconds(2));
        return (world, a, b);
    }
}
