namespace CS3103P2P.Interop.PortMapping;

/// <summary>The diagnosis of a real router daemon, miniupnpd.</summary>
[TestClass]
public sealed class RouterDiagnosisTests
{
    [TestMethod]
    public async Task RunAsync_RouterSpeaksAllProtocols_SaysSoAndOpensNothing()
    {
        await using MiniupnpdLab lab = await MiniupnpdLab.StartAsync();

        string found = await lab.StartAgent("router").WaitForLineAsync("router ");

        StringAssert.Contains(found, $"Pcp=True,None, NatPmp=True,None,{MiniupnpdLab.External} UpnpIgd=True,None,{MiniupnpdLab.External}");
        Assert.DoesNotContain("dnat", await lab.MappingsAsync());
    }

    [TestMethod]
    public async Task RunAsync_RouterSpeaksUpnpAlone_SaysSo()
    {
        await using MiniupnpdLab lab = await MiniupnpdLab.StartAsync();
        await lab.AllowOnlyAsync("UpnpIgd");

        string found = await lab.StartAgent("router").WaitForLineAsync("router ");

        StringAssert.Contains(found, $"Pcp=False,NoAnswer, NatPmp=False,NoAnswer, UpnpIgd=True,None,{MiniupnpdLab.External}");
    }
}
