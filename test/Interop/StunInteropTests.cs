using System.Net;
using CS3103P2P.Protocol;
using CS3103P2P.Stun;

namespace CS3103P2P.Interop;

/// <summary>Our STUN against coturn and against Debian's clients.</summary>
[TestClass]
public sealed class StunInteropTests
{
    private static readonly TransportAddress Loopback = new(IPAddress.Loopback, 0);
    private static readonly TransportAddress SecondLoopback = new(IPAddress.Parse("127.0.0.2"), 0);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [TestMethod]
    public async Task StunClient_AsksCoturn_LearnsItsOwnAddress()
    {
        await using StunCoturn coturn = await StunCoturn.StartAsync();
        await using StunClient client = StunClient.Bind(Loopback);
        StunBindingResult result = await client.QueryAsync(coturn.Address);
        Assert.AreEqual(StunOutcome.Success, result.Outcome);
        Assert.AreEqual(client.LocalAddress, result.MappedAddress);
        Assert.AreEqual(SecondLoopback.AddressBits, result.OtherAddress?.AddressBits);
    }

    [TestMethod]
    public async Task NatDiscovery_WithCoturn_FindsNoNatAndNoFilter()
    {
        await using StunCoturn coturn = await StunCoturn.StartAsync();
        await using StunClient client = StunClient.Bind(Loopback);
        NatBehavior found = await client.DiscoverNatAsync([coturn.Address]);
        Assert.AreEqual((NatMapping.None, NatFiltering.EndpointIndependent), (found.Mapping, found.Filtering));
    }

    [TestMethod]
    public async Task TurnutilsStunclient_AsksOurServer_LearnsAnAddress()
    {
        await using StunServer server = StunServer.Start(new StunServerOptions { ListenAddress = Loopback });
        await using StunProgram program = StunProgram.Start("turnutils_stunclient", "-p", $"{server.LocalAddress.Port}", "127.0.0.1");
        StringAssert.Contains(await program.FinishAsync(Limit), "UDP reflexive addr: 127.0.0.1:");
    }

    [TestMethod]
    public async Task TurnutilsNatdiscovery_AsksOurServer_FindsBothBehaviours()
    {
        await using StunServer server = StartWithTwoAddresses();
        string port = $"{server.LocalAddress.Port}";
        await using StunProgram program = StunProgram.Start("turnutils_natdiscovery", "-m", "-f", "-p", port, "127.0.0.1");
        string output = await program.FinishAsync(Limit);
        StringAssert.Contains(output, "Endpoint Independent Mapping!");
        StringAssert.Contains(output, "Endpoint Independent Filtering!");
    }

    [TestMethod]
    public async Task ClassicStunClient_AsksOurServer_FindsAnOpenNetwork()
    {
        await using StunServer server = StartWithTwoAddresses();
        await using StunProgram program = StunProgram.Start("stun", $"127.0.0.1:{server.LocalAddress.Port}", "-v");
        string output = await program.FinishAsync(Limit);
        StringAssert.Contains(output, "Primary: Open");
        StringAssert.Contains(output, $"ChangedAddress = {server.Addresses!.Alternate}");
    }

    private static StunServer StartWithTwoAddresses() =>
        StunServer.Start(new StunServerOptions { ListenAddress = Loopback, AlternateAddress = SecondLoopback });
}
