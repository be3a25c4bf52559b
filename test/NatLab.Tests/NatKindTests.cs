using System.Net;

namespace CS3103P2P.NatLab.Tests;

[TestClass]
public sealed class NatKindTests
{
    [TestMethod]
    [DataRow(NatKind.FullCone, "EIM", "EIF")]
    [DataRow(NatKind.RestrictedCone, "EIM", "ADF")]
    [DataRow(NatKind.PortRestricted, "EIM", "APDF")]
    [DataRow(NatKind.Linux, "EIM", "APDF")]
    [DataRow(NatKind.Symmetric, "APDM", "APDF")]
    [DataRow(NatKind.SymmetricAddress, "ADM", "APDF")]
    [DataRow(NatKind.SymmetricSequential, "APDM", "APDF")]
    [DataRow(NatKind.Cgnat, "EIM", "APDF")]
    [DataRow(NatKind.CgnatSymmetric, "APDM", "APDF")]
    [DataRow(NatKind.UdpBlocked, "blocked", "blocked")]
    [DataRow(NatKind.Firewalled, "EIM", "APDF")]
    [DataRow(NatKind.None, "EIM", "EIF")]
    public async Task Kind_ProbedOverUdp_MapsAndFiltersAsNamed(NatKind kind, string mapping, string filtering)
    {
        await using var net = await TestLab.CreateAsync();
        var host = (await net.Lab.AddHomeAsync(kind)).Hosts[0];
        using var mapper = Prober.Open(host);
        using var filter = Prober.Open(host);

        var results = await Task.WhenAll(Prober.MappingAsync(mapper, net.Echo), Prober.FilteringAsync(filter, net.Echo));

        CollectionAssert.AreEqual(new[] { mapping, filtering }, results);
    }

    [TestMethod]
    [DataRow(NatKind.FullCone, true)]
    [DataRow(NatKind.PortRestricted, true)]
    [DataRow(NatKind.Linux, true)]
    [DataRow(NatKind.Cgnat, true)]
    [DataRow(NatKind.UdpBlocked, true)]
    [DataRow(NatKind.Symmetric, false)]
    [DataRow(NatKind.SymmetricSequential, false)]
    public async Task Kind_ProbedOverTcp_MapsLikeUdp(NatKind kind, bool endpointIndependent)
    {
        await using var net = await TestLab.CreateAsync();
        var home = await net.Lab.AddHomeAsync(kind);

        var first = await Prober.MapTcpAsync(home.Hosts[0], 5000, net.Echo.Primary);
        var second = await Prober.MapTcpAsync(home.Hosts[0], 5000, net.Echo.OtherAddress);

        Assert.AreEqual(home.PublicAddress, first.Address);
        Assert.AreEqual(endpointIndependent, first.Equals(second), $"{first} and {second}");
    }

    [TestMethod]
    [DataRow(NatKind.Linux, PortAllocation.Random, true)]
    [DataRow(NatKind.Firewalled, PortAllocation.Random, true)]
    [DataRow(NatKind.None, PortAllocation.Random, true)]
    [DataRow(NatKind.FullCone, PortAllocation.Preserve, true)]
    [DataRow(NatKind.PortRestricted, PortAllocation.Preserve, true)]
    [DataRow(NatKind.PortRestricted, PortAllocation.Random, false)]
    [DataRow(NatKind.Symmetric, PortAllocation.Random, false)]
    public async Task Ports_OfSeveralSockets_PreservedOrNot(NatKind kind, PortAllocation ports, bool preserved)
    {
        await using var net = await TestLab.CreateAsync();
        var home = await net.Lab.AddHomeAsync(kind, new HomeOptions { Ports = ports });
        int same = 0;
        for (int port = 6000; port < 6004; port++)
        {
            using var socket = Prober.Open(home.Hosts[0], new IPEndPoint(IPAddress.Any, port));
            var external = await Prober.MapAsync(socket, net.Echo.Primary);
            Assert.AreEqual(home.PublicAddress, external?.Address);
            if (external!.Port == port) same++;
        }
        Assert.AreEqual(preserved ? 4 : 0, same);
    }

    [TestMethod]
    public async Task SymmetricSequential_NewFlows_TakeTheNextPorts()
    {
        await using var net = await TestLab.CreateAsync();
        var home = await net.Lab.AddHomeAsync(NatKind.SymmetricSequential);
        using var socket = Prober.Open(home.Hosts[0]);
        var first = await Prober.MapAsync(socket, net.Echo.Primary);
        var second = await Prober.MapAsync(socket, net.Echo.OtherPort);
        var third = await Prober.MapAsync(socket, net.Echo.OtherAddress);
        Assert.AreEqual(first!.Port + 1, second!.Port);
        Assert.AreEqual(first.Port + 2, third!.Port);
    }

    [TestMethod]
    [DataRow(NatKind.FullCone, PortAllocation.Random)]
    [DataRow(NatKind.RestrictedCone, PortAllocation.Preserve)]
    [DataRow(NatKind.PortRestricted, PortAllocation.Preserve)]
    [DataRow(NatKind.Cgnat, PortAllocation.Random)]
    public async Task EimKind_TwoHostsOnOnePort_GetDistinctPortsAndStayIndependent(NatKind kind, PortAllocation ports)
    {
        await using var net = await TestLab.CreateAsync();
        var home = await net.Lab.AddHomeAsync(kind, new HomeOptions { Hosts = 2, Ports = ports });
        using var first = Prober.Open(home.Hosts[0], new IPEndPoint(IPAddress.Any, 6881));
        using var second = Prober.Open(home.Hosts[1], new IPEndPoint(IPAddress.Any, 6881));

        CollectionAssert.AreEqual(new[] { "EIM", "EIM" },
            await Task.WhenAll(Prober.MappingAsync(first, net.Echo), Prober.MappingAsync(second, net.Echo)));
        Assert.AreNotEqual(await Prober.MapAsync(first, net.Echo.Primary), await Prober.MapAsync(second, net.Echo.Primary));
    }
}
