using System.Net;

namespace CS3103P2P.NatLab.Tests;

/// <summary>What happens to a home while its programs run.</summary>
[TestClass]
public sealed class ChangeTests
{
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(400);

    [TestMethod]
    [DataRow(NatKind.PortRestricted, false)]
    [DataRow(NatKind.FullCone, true)]
    [DataRow(NatKind.Cgnat, false)]
    [DataRow(NatKind.Symmetric, false)]
    public async Task Renumber_RunningSocket_GetsTheNewAddress(NatKind kind, bool emulated)
    {
        await using var net = await TestLab.CreateAsync();
        var options = new HomeOptions { Hairpin = true, Hosts = 2, Link = emulated ? new LinkConditions() : null };
        var home = await net.Lab.AddHomeAsync(kind, options);
        using var socket = Prober.Open(home.Hosts[0]);
        var before = await Prober.MapAsync(socket, net.Echo.Primary);
        var oldAddress = home.PublicAddress;

        await home.RenumberAsync();
        var after = await Prober.MapAsync(socket, net.Echo.Primary);
        net.Echo.Send("stale . .", before!);

        Assert.AreEqual(oldAddress, before!.Address);
        Assert.AreEqual(home.PublicAddress, after?.Address);
        Assert.AreNotEqual(oldAddress, home.PublicAddress);
        Assert.IsNull(await Prober.ReceiveAsync(socket, Silence), "the old endpoint still leads here");
        bool fixedMapping = kind != NatKind.Symmetric;
        var met = await Puncher.PunchAsync(home.Hosts[0], home.Hosts[1], net.Echo, fixedMapping ? TimeSpan.FromSeconds(5) : Silence);
        Assert.AreEqual(fixedMapping, met is not null, "hairpin to the new address");
    }

    [TestMethod]
    [DataRow(NatKind.None)]
    [DataRow(NatKind.Firewalled)]
    public async Task Renumber_PublicHosts_GetNewAddresses(NatKind kind)
    {
        await using var net = await TestLab.CreateAsync();
        var home = await net.Lab.AddHomeAsync(kind, new HomeOptions { Hosts = 2 });
        using var socket = Prober.Open(home.Hosts[1]);
        IPAddress[] before = [home.Hosts[0].Address, home.Hosts[1].Address];
        await home.RenumberAsync();
        var seen = await Prober.MapAsync(socket, net.Echo.Primary);
        Assert.AreEqual(home.Hosts[1].Address, seen?.Address);
        CollectionAssert.DoesNotContain(before, seen?.Address);
    }

    [TestMethod]
    public async Task Flush_UnderTraffic_LosesMappingAndFilterForGood()
    {
        await using var net = await TestLab.CreateAsync();
        var home = await net.Lab.AddHomeAsync(NatKind.FullCone);
        using var socket = Prober.Open(home.Hosts[0]);
        for (int round = 0; round < 3; round++)
        {
            var before = await Prober.MapAsync(socket, net.Echo.Primary);
            using var stop = new CancellationTokenSource();
            var traffic = KeepSendingAsync(socket, net.Echo, stop.Token);
            await home.FlushAsync();
            await stop.CancelAsync();
            await traffic;
            var after = await Prober.MapAsync(socket, net.Echo.Primary);
            Assert.AreEqual(home.PublicAddress, after?.Address);
            Assert.AreNotEqual(before!.Port, after!.Port, $"round {round}: traffic brought the old mapping back");
            net.Echo.Send("stale . .", before);
            while (await Prober.ReceiveAsync(socket, Silence) is { } late) Assert.AreNotEqual("stale", late.Words[0]);
        }
    }

    [TestMethod]
    public async Task Cut_ForAWhile_SilencesAndThenKeepsTheMapping()
    {
        await using var net = await TestLab.CreateAsync();
        var home = await net.Lab.AddHomeAsync(NatKind.PortRestricted);
        using var socket = Prober.Open(home.Hosts[0]);
        var before = await Prober.MapAsync(socket, net.Echo.Primary);

        await home.CutAsync();
        net.Echo.Send("inbound . .", before!);
        var during = await Prober.MapAsync(socket, net.Echo.Primary, Silence);
        await home.RestoreAsync();
        var after = await Prober.MapAsync(socket, net.Echo.Primary);

        Assert.IsNull(during);
        Assert.AreEqual(before, after);
    }

    [TestMethod]
    public async Task UdpTimeouts_OfOptions_CloseTheFilter()
    {
        await using var net = await TestLab.CreateAsync();
        var home = await net.Lab.AddHomeAsync(NatKind.PortRestricted,
            new HomeOptions { UdpTimeout = TimeSpan.FromSeconds(2), UdpStreamTimeout = TimeSpan.FromSeconds(2) });
        using var socket = Prober.Open(home.Hosts[0]);
        var external = await Prober.MapAsync(socket, net.Echo.Primary);
        net.Echo.Send("early . .", external!);
        Assert.AreEqual("early", await ReceiveWordAsync(socket, TimeSpan.FromSeconds(5)));
        Assert.IsNull(await ReceiveWordAsync(socket, TimeSpan.FromSeconds(3.5)));
        net.Echo.Send("late . .", external!);
        Assert.IsNull(await ReceiveWordAsync(socket, Silence));
    }

    // On a slow machine the question for the mapping is repeated, and its second answer comes late.
    private static async Task<string?> ReceiveWordAsync(System.Net.Sockets.Socket socket, TimeSpan patience)
    {
        while (true)
        {
            string? word = (await Prober.ReceiveAsync(socket, patience))?.Words[0];
            if (word != "same") return word;
        }
    }

    private static async Task KeepSendingAsync(System.Net.Sockets.Socket socket, EchoServer echo, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (!stop.IsCancellationRequested)
        {
            Prober.Send(socket, "map flood", echo.Primary);
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}
