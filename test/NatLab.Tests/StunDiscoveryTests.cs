using System.Net;
using CS3103P2P.Protocol;
using CS3103P2P.Stun;

namespace CS3103P2P.NatLab.Tests;

/// <summary>Our STUN client behind real NATs, our STUN server with two addresses in front of them (RFC 5780).</summary>
[TestClass]
public sealed class StunDiscoveryTests
{
    [TestMethod]
    [DataRow(NatKind.FullCone, NatMapping.EndpointIndependent, NatFiltering.EndpointIndependent)]
    [DataRow(NatKind.RestrictedCone, NatMapping.EndpointIndependent, NatFiltering.AddressDependent)]
    [DataRow(NatKind.PortRestricted, NatMapping.EndpointIndependent, NatFiltering.AddressAndPortDependent)]
    [DataRow(NatKind.Linux, NatMapping.EndpointIndependent, NatFiltering.AddressAndPortDependent)]
    [DataRow(NatKind.Symmetric, NatMapping.AddressAndPortDependent, NatFiltering.AddressAndPortDependent)]
    [DataRow(NatKind.SymmetricAddress, NatMapping.AddressDependent, NatFiltering.AddressAndPortDependent)]
    [DataRow(NatKind.SymmetricSequential, NatMapping.AddressAndPortDependent, NatFiltering.AddressAndPortDependent)]
    [DataRow(NatKind.Cgnat, NatMapping.EndpointIndependent, NatFiltering.AddressAndPortDependent)]
    [DataRow(NatKind.CgnatSymmetric, NatMapping.AddressAndPortDependent, NatFiltering.AddressAndPortDependent)]
    [DataRow(NatKind.Firewalled, NatMapping.None, NatFiltering.AddressAndPortDependent)]
    [DataRow(NatKind.None, NatMapping.None, NatFiltering.EndpointIndependent)]
    public async Task DiscoverNatAsync_BehindAKind_FindsItsBehaviour(NatKind kind, NatMapping mapping, NatFiltering filtering)
    {
        TestLab.RequireLab();
        await using Lab lab = await Lab.CreateAsync();
        await using StunServer server = StartServer(await lab.AddServerAsync(addresses: 2));
        Home home = await lab.AddHomeAsync(kind);
        await using StunClient client = home.Hosts[0].Run(() => StunClient.Bind(new TransportAddress(IPAddress.Any, 6881)));

        NatBehavior found = await client.DiscoverNatAsync([server.LocalAddress]);

        Assert.AreEqual((StunOutcome.Success, mapping, filtering), (found.Outcome, found.Mapping, found.Filtering));
        Assert.AreEqual(home.PublicAddress, found.PublicAddress.ToIPAddress());
    }

    [TestMethod]
    public async Task DiscoverNatAsync_WhereUdpIsBlocked_TimesOut()
    {
        TestLab.RequireLab();
        await using Lab lab = await Lab.CreateAsync();
        await using StunServer server = StartServer(await lab.AddServerAsync(addresses: 2));
        Home home = await lab.AddHomeAsync(NatKind.UdpBlocked);
        await using StunClient client = home.Hosts[0].Run(() => StunClient.Bind(new TransportAddress(IPAddress.Any, 0)));

        Assert.AreEqual(StunOutcome.TimedOut, (await client.DiscoverNatAsync([server.LocalAddress])).Outcome);
    }

    private static StunServer StartServer(LabHost host) => host.Run(() => StunServer.Start(new StunServerOptions
    {
        ListenAddress = new TransportAddress(host.Addresses[0], 3478),
        AlternateAddress = new TransportAddress(host.Addresses[1], 3479),
    }));
}
