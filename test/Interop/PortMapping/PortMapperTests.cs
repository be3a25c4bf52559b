using CS3103P2P.Interop.Support;

namespace CS3103P2P.Interop.PortMapping;

/// <summary>The port mapper in a home against a real router daemon, miniupnpd.</summary>
[TestClass]
public sealed class PortMapperTests
{
    private const string Port = "6881";

    [TestMethod]
    [DataRow("Pcp")]
    [DataRow("NatPmp")]
    [DataRow("UpnpIgd")]
    public async Task Start_RouterSpeaksProtocol_OutsideReachesTheHomeUntilDisposal(string protocol)
    {
        await using MiniupnpdLab lab = await MiniupnpdLab.StartAsync();
        await lab.AllowOnlyAsync(protocol);
        LabProgram agent = lab.StartAgent("portmap", Port);
        string settled = await agent.WaitForLineAsync("settled=True");
        StringAssert.Contains(settled, $"protocol={protocol} udp={MiniupnpdLab.External}:{Port} tcp={MiniupnpdLab.External}:{Port}");
        StringAssert.Contains(settled, "double=False");
        string mappings = await lab.MappingsAsync();
        Assert.AreEqual(2, mappings.Split($"dport {Port} dnat").Length - 1, mappings);

        LabProgram udp = lab.Start(MiniupnpdLab.Home, "nc", "-u", "-l", Port);
        LabProgram tcp = lab.Start(MiniupnpdLab.Home, "nc", "-l", Port);
        await SendFromOutsideAsync(lab, udp, "-u", "by UDP");
        await SendFromOutsideAsync(lab, tcp, "-N", "by TCP");

        agent.CloseInput();
        await agent.WaitForExitAsync();
        Assert.DoesNotContain("dnat", await lab.MappingsAsync(), "mappings are removed at the end");
    }

    [TestMethod]
    public async Task Run_ShortLifetime_IsRenewedBeforeItEnds()
    {
        await using MiniupnpdLab lab = await MiniupnpdLab.StartAsync(maxLifetimeSeconds: 8);
        LabProgram agent = lab.StartAgent("portmap", Port, "120");
        await agent.WaitForLineAsync("settled=True");
        const string Request = "PCP request received";
        int before = lab.CountInDaemonLog(Request);
        await lab.WaitForMappingsAsync(_ => lab.CountInDaemonLog(Request) >= before + 6, TimeSpan.FromSeconds(30));
        Assert.AreEqual(2, (await lab.MappingsAsync()).Split($"dport {Port} dnat").Length - 1);
        Assert.DoesNotContain("protocol=None", agent.Output.Split("settled=True")[1], "never lost in between");
    }

    [TestMethod]
    public async Task Run_RouterRestarts_MappingsComeBack()
    {
        await using MiniupnpdLab lab = await MiniupnpdLab.StartAsync();
        LabProgram agent = lab.StartAgent("portmap", Port);
        await agent.WaitForLineAsync("settled=True");

        // RFC 6887 §8.5 forgives a clock that goes back by a second or two, so a router must have run for longer to be seen to restart.
        await lab.WaitForMappingsAsync(_ => lab.DaemonAge > TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(30));
        await lab.RestartRouterAsync();
        await lab.WaitForMappingsAsync(mappings => mappings.Split($"dport {Port} dnat").Length == 3, TimeSpan.FromSeconds(30));
    }

    [TestMethod]
    public async Task Start_RouterBehindACarrier_TellsSo()
    {
        await using MiniupnpdLab lab = await MiniupnpdLab.StartAsync(externalAddress: "100.64.0.1");
        LabProgram agent = lab.StartAgent("portmap", Port);
        string settled = await agent.WaitForLineAsync("settled=True", TimeSpan.FromSeconds(60));
        StringAssert.Contains(settled, "protocol=None");
        Assert.IsFalse(settled.Contains("failure=None", StringComparison.Ordinal), settled);
    }

    // A datagram may come before nc listens, so it is repeated until the home has it.
    private static async Task SendFromOutsideAsync(MiniupnpdLab lab, LabProgram receiver, string option, string text)
    {
        for (int attempt = 0; attempt < 10 && !receiver.Output.Contains(text, StringComparison.Ordinal); attempt++)
        {
            LabProgram sender = lab.Start(MiniupnpdLab.Outside, "nc", option, "-w", "1", MiniupnpdLab.External, Port);
            sender.WriteInput(text + "\n");
            sender.CloseInput();
            await sender.WaitForExitAsync();
        }

        await receiver.WaitForLineAsync(text);
    }
}
