namespace CS3103P2P.NatLab.Tests;

[TestClass]
public sealed class HolePunchingTests
{
    private const int PairsAtOnce = 16;
    private static readonly TimeSpan FailurePatience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SuccessPatience = TimeSpan.FromSeconds(5);

    /// <summary>Plain punching: two fixed mappings always meet; a changing one needs a peer whose filter ignores the port.</summary>
    private static bool CanConnect(NatKind a, NatKind b)
    {
        if (a == NatKind.UdpBlocked || b == NatKind.UdpBlocked) return false;
        if (HasFixedMapping(a) && HasFixedMapping(b)) return true;
        return (HasFixedMapping(a) || HasFixedMapping(b)) && (IgnoresPort(a) || IgnoresPort(b));
    }

    private static bool HasFixedMapping(NatKind kind) => kind is NatKind.FullCone or NatKind.RestrictedCone or NatKind.PortRestricted
        or NatKind.Linux or NatKind.Cgnat or NatKind.Firewalled or NatKind.None;

    private static bool IgnoresPort(NatKind kind) => kind is NatKind.FullCone or NatKind.RestrictedCone or NatKind.None;

    [TestMethod]
    public async Task EveryPairOfKinds_PunchedSimultaneously_ConnectsAsPredicted()
    {
        await using var net = await TestLab.CreateAsync();
        foreach (var kind in NatKinds.All) await net.Lab.AddHomeAsync(kind);
        var homes = net.Lab.Homes;
        var pairs = from a in homes from b in homes where a.Kind < b.Kind select (a, b);
        var surprises = new System.Collections.Concurrent.ConcurrentBag<string>();

        await Parallel.ForEachAsync(pairs, new ParallelOptions { MaxDegreeOfParallelism = PairsAtOnce }, async (pair, _) =>
        {
            bool expected = CanConnect(pair.a.Kind, pair.b.Kind);
            var patience = expected ? SuccessPatience : FailurePatience;
            bool connected = await Puncher.PunchAsync(pair.a.Hosts[0], pair.b.Hosts[0], net.Echo, patience) is not null;
            if (connected != expected) surprises.Add($"{pair.a.Kind} - {pair.b.Kind}: connected is {connected}");
        });

        Assert.IsEmpty(surprises, string.Join('\n', surprises));
    }

    [TestMethod]
    [DataRow(NatKind.FullCone, true, true)]
    [DataRow(NatKind.RestrictedCone, true, true)]
    [DataRow(NatKind.PortRestricted, true, true)]
    [DataRow(NatKind.Linux, true, true)]
    [DataRow(NatKind.Cgnat, true, true)]
    [DataRow(NatKind.Symmetric, true, false)]
    [DataRow(NatKind.FullCone, false, false)]
    [DataRow(NatKind.PortRestricted, false, false)]
    [DataRow(NatKind.Cgnat, false, false)]
    public async Task TwoHostsOfOneHome_ByPublicAddress_MeetOnlyWithHairpin(NatKind kind, bool hairpin, bool expected)
    {
        await using var net = await TestLab.CreateAsync();
        var home = await net.Lab.AddHomeAsync(kind, new HomeOptions { Hosts = 2, Hairpin = hairpin });

        var seen = await Puncher.PunchAsync(home.Hosts[0], home.Hosts[1], net.Echo, expected ? SuccessPatience : FailurePatience);

        Assert.AreEqual(expected, seen is not null);
        // RFC 4787 REQ-9: hairpinned packets show the external source address.
        if (seen is not { } sources) return;
        Assert.AreEqual(home.PublicAddress, sources.SeenByA.Address);
        Assert.AreEqual(home.PublicAddress, sources.SeenByB.Address);
    }

    [TestMethod]
    [DataRow(NatKind.PortRestricted, NatKind.PortRestricted, true)]
    [DataRow(NatKind.Linux, NatKind.Cgnat, true)]
    [DataRow(NatKind.UdpBlocked, NatKind.Firewalled, true)]
    [DataRow(NatKind.Symmetric, NatKind.PortRestricted, false)]
    public async Task Tcp_OpenedSimultaneously_ConnectsFixedMappings(NatKind kindA, NatKind kindB, bool expected)
    {
        const int Port = 6881;
        await using var net = await TestLab.CreateAsync();
        var hostA = (await net.Lab.AddHomeAsync(kindA)).Hosts[0];
        var hostB = (await net.Lab.AddHomeAsync(kindB)).Hosts[0];
        var externalA = await Prober.MapTcpAsync(hostA, Port, net.Echo.Primary);
        var externalB = await Prober.MapTcpAsync(hostB, Port, net.Echo.Primary);

        // A SYN sent too early is dropped and comes again after a second.
        var patience = expected ? SuccessPatience : TimeSpan.FromSeconds(2.5);
        bool[] connected = await Task.WhenAll(
            Prober.TryConnectTcpAsync(hostA, Port, externalB, patience), Prober.TryConnectTcpAsync(hostB, Port, externalA, patience));

        CollectionAssert.AreEqual(new[] { expected, expected }, connected);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task TwoHomesOfOneCarrier_MeetOnlyWithHairpinAtTheCarrier(bool hairpin)
    {
        await using var net = await TestLab.CreateAsync();
        var carrier = await net.Lab.AddCarrierAsync(NatKind.PortRestricted, new HomeOptions { Hairpin = hairpin });
        var first = await net.Lab.AddHomeAsync(NatKind.PortRestricted, new HomeOptions { Carrier = carrier });
        var second = await net.Lab.AddHomeAsync(NatKind.FullCone, new HomeOptions { Carrier = carrier });

        var seen = await Puncher.PunchAsync(first.Hosts[0], second.Hosts[0], net.Echo, hairpin ? SuccessPatience : FailurePatience);

        Assert.AreEqual(carrier.PublicAddress, first.PublicAddress);
        Assert.AreEqual(hairpin, seen is not null);
    }
}
