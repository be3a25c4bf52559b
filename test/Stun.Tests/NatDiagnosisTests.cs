using System.Net;
using System.Net.Sockets;
using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.Tests;

/// <summary>The diagnosis on loopback, where there is no NAT; behind real ones it runs in the laboratory.</summary>
[TestClass]
public sealed class NatDiagnosisTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);
    private static readonly TransportAddress First = new(IPAddress.Parse("127.0.0.1"), 0);

    public required TestContext TestContext { get; set; }

    [TestMethod]
    public async Task RunAsync_WithAServerOfTwoAddresses_KnowsMappingFilteringAndLifetime()
    {
        await using StunServer server = StunServer.Start(new StunServerOptions { ListenAddress = First, AlternateAddress = new TransportAddress(IPAddress.Parse("127.0.0.2"), 0) });

        NatReport report = await RunAsync(Longest, server.LocalAddress.ToString());

        Assert.IsTrue(report.HasTwoAddressServer);
        Assert.IsFalse(report.IsUdpBlocked);
        Assert.AreEqual((NatMapping.None, NatFiltering.EndpointIndependent, NatClass.Public), (report.Mapping, report.Filtering, report.Kind));
        Assert.AreEqual((NatHairpin.NotApplicable, NatPortPreservation.NotApplicable), (report.Hairpin, report.Ports));
        Assert.AreEqual(new NatLifetime(Longest, null), report.Lifetime);
        Assert.AreEqual(NatExpectation.Direct, report.ExpectWith(NatClass.Symmetric));
    }

    [TestMethod]
    public async Task RunAsync_WithAServerOfOneAddress_GuessesNothing()
    {
        await using StunServer server = StunServer.Start(new StunServerOptions { ListenAddress = First });

        NatReport report = await RunAsync(Longest, server.LocalAddress.ToString());

        Assert.IsFalse(report.HasTwoAddressServer);
        Assert.AreEqual(NatFiltering.Unknown, report.Filtering);
        Assert.IsNull(report.Lifetime);
        Assert.AreEqual(NatClass.EndpointIndependent, report.Kind);
        Assert.AreEqual(NatExpectation.Unknown, report.ExpectWith(NatClass.Symmetric));
    }

    [TestMethod]
    public async Task RunAsync_WhereTcpAloneGetsThrough_NamesUdpBlocked()
    {
        using var tcp = new TcpListener(IPAddress.Loopback, 0);
        tcp.Start();

        NatReport report = await RunAsync(null, $"{tcp.LocalEndpoint}");

        Assert.IsTrue(report.IsUdpBlocked);
        Assert.IsNull(report.PublicAddress);
        Assert.AreEqual((NatClass.UdpBlocked, NatMapping.Unknown), (report.Kind, report.Mapping));
        Assert.IsTrue(report.Servers[0].ByTcp);
    }

    [TestMethod]
    public async Task RunAsync_WithoutServers_KnowsNothingAndDoesNotFail()
    {
        NatReport report = await RunAsync(Longest);

        Assert.IsNull(report.IsUdpBlocked);
        Assert.AreEqual(NatClass.Unknown, report.Kind);
        Assert.IsEmpty(report.Servers);
    }

    private Task<NatReport> RunAsync(TimeSpan? longest, params string[] servers) =>
        NatDiagnosis.RunAsync(new NatDiagnosisOptions { Servers = servers, AskRouter = false, LongestLifetime = longest }, TestContext.CancellationToken);
}
