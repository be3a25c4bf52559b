using CS3103P2P.Protocol;
using CS3103P2P.Stun.PortMapping;

namespace CS3103P2P.Stun.Tests.PortMapping;

[TestClass]
public sealed class PortMappingAgentTests
{
    private static readonly TransportAddress External = TransportAddress.FromIPv4(PcpServerMessages.ExternalAddress, 0);
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(5);

    [TestMethod]
    [DataRow(true, true, true, PortMappingProtocol.Pcp)]
    [DataRow(false, true, true, PortMappingProtocol.NatPmp)]
    [DataRow(false, false, true, PortMappingProtocol.UpnpIgd)]
    [DataRow(true, false, true, PortMappingProtocol.Pcp)]
    public void Run_RouterWithSeveralProtocols_UsesTheBest(bool pcp, bool natPmp, bool upnp, PortMappingProtocol expected)
    {
        var rig = new AgentRig(new VirtualRouter { SpeaksPcp = pcp, SpeaksNatPmp = natPmp, SpeaksUpnp = upnp });
        rig.Run(Moment);
        Assert.IsTrue(rig.Status.IsSettled);
        Assert.AreEqual(expected, rig.Status.Protocol);
        Assert.AreEqual(External.WithPort(6881), rig.Status.Udp);
        Assert.AreEqual(External.WithPort(6881), rig.Status.Tcp);
        Assert.AreEqual(PortMappingFailure.None, rig.Status.Failure);
        Assert.IsFalse(rig.Status.IsDoubleNat);
        Assert.AreEqual(2, rig.Router.Mappings.Count);
    }

    [TestMethod]
    public void Run_OnlyOneProtocolMaps_NothingIsLeftBehindByTheOthers()
    {
        var rig = new AgentRig(new VirtualRouter { SpeaksPcp = true, SpeaksNatPmp = true, SpeaksUpnp = true });
        rig.Run(Moment);
        Assert.IsFalse(rig.Router.Log.Any(entry => entry.What.StartsWith("pmp map", StringComparison.Ordinal) || entry.What.StartsWith("upnp Add", StringComparison.Ordinal)));
        int before = rig.Router.Log.Count;
        rig.Run(TimeSpan.FromMinutes(30));
        Assert.IsFalse(rig.Router.Log.Skip(before).Any(entry => !entry.What.StartsWith("pcp", StringComparison.Ordinal)), "the others stay quiet");
    }

    [TestMethod]
    public void Run_SilentRouter_SettlesWithNoAnswerAndGoesOnAsking()
    {
        var rig = new AgentRig(new VirtualRouter());
        rig.Run(Moment);
        Assert.IsTrue(rig.Status.IsSettled);
        Assert.AreEqual(PortMappingFailure.NoAnswer, rig.Status.Failure);
        rig.Router.SpeaksNatPmp = true;
        rig.Run(TimeSpan.FromMinutes(1));
        Assert.AreEqual(PortMappingProtocol.NatPmp, rig.Status.Protocol);
    }

    [TestMethod]
    public void Run_PcpRefuses_NatPmpMaps()
    {
        var rig = new AgentRig(new VirtualRouter { SpeaksPcp = true, SpeaksNatPmp = true, PcpMapResult = PcpResultCode.NotAuthorized });
        rig.Run(Moment);
        Assert.AreEqual(PortMappingProtocol.NatPmp, rig.Status.Protocol);
    }

    [TestMethod]
    [DataRow((int)PcpResultCode.NotAuthorized, PortMappingFailure.NotAuthorized)]
    [DataRow((int)PcpResultCode.NoResources, PortMappingFailure.NoResources)]
    [DataRow((int)PcpResultCode.UserExceededQuota, PortMappingFailure.NoResources)]
    [DataRow((int)PcpResultCode.NetworkFailure, PortMappingFailure.NetworkFailure)]
    [DataRow((int)PcpResultCode.CannotProvideExternal, PortMappingFailure.Conflict)]
    [DataRow((int)PcpResultCode.AddressMismatch, PortMappingFailure.AddressMismatch)]
    [DataRow((int)PcpResultCode.UnsupportedOpcode, PortMappingFailure.Unsupported)]
    public void Run_EveryProtocolRefuses_TellsWhy(int code, PortMappingFailure expected)
    {
        var result = (PcpResultCode)code;
        var rig = new AgentRig(new VirtualRouter { SpeaksPcp = true, PcpMapResult = result });
        rig.Run(TimeSpan.FromMinutes(3));
        Assert.IsTrue(rig.Status.IsSettled);
        Assert.AreEqual(expected, rig.Status.Failure);
        Assert.AreEqual(PortMappingProtocol.None, rig.Status.Protocol);
        Assert.AreEqual(result == PcpResultCode.AddressMismatch, rig.Status.IsDoubleNat);
    }

    [TestMethod]
    public void Run_AllRefused_AsksAgainAQuarterOfAnHourLater()
    {
        var rig = new AgentRig(new VirtualRouter { SpeaksPcp = true, SpeaksNatPmp = true, PcpMapResult = PcpResultCode.NoResources, NatPmpMapResult = 4 });
        rig.Run(TimeSpan.FromMinutes(1));
        Assert.AreEqual(PortMappingFailure.NoResources, rig.Status.Failure);
        rig.Router.PcpMapResult = PcpResultCode.Success;
        rig.Run(PortMappingAgent.RetryInterval + Moment);
        Assert.AreEqual(PortMappingProtocol.Pcp, rig.Status.Protocol);
    }

    [TestMethod]
    public void Run_UdpPortTaken_TcpFollowsTheNumberThatUdpGot()
    {
        var router = new VirtualRouter { SpeaksPcp = true };
        router.TakenPorts.Add(6881);
        var rig = new AgentRig(router);
        rig.Run(Moment);
        Assert.AreEqual(External.WithPort(6882), rig.Status.Udp);
        Assert.AreEqual(External.WithPort(6882), rig.Status.Tcp);
    }

    [TestMethod]
    [DataRow(0x0A000001u, DisplayName = "private")]
    [DataRow(0x64400001u, DisplayName = "shared by a carrier")]
    public void Status_RouterHasNoPublicAddress_IsDoubleNat(uint address)
    {
        var rig = new AgentRig(new VirtualRouter { SpeaksNatPmp = true, ExternalAddress = address });
        rig.Run(Moment);
        Assert.IsTrue(rig.Status.IsDoubleNat);
    }

    [TestMethod]
    public void HandleReflexiveAddress_OtherThanTheRouters_IsDoubleNat()
    {
        var rig = new AgentRig(new VirtualRouter { SpeaksPcp = true });
        rig.Run(Moment);
        rig.Agent.HandleReflexiveAddress(External.WithPort(40000));
        Assert.IsFalse(rig.Status.IsDoubleNat);
        rig.Agent.HandleReflexiveAddress(TransportAddress.FromIPv4(0x08080808, 40000));
        Assert.IsTrue(rig.Status.IsDoubleNat);
    }

    [TestMethod]
    [DataRow(PortMappingProtocol.Pcp)]
    [DataRow(PortMappingProtocol.NatPmp)]
    [DataRow(PortMappingProtocol.UpnpIgd)]
    public void Release_AfterMapping_RemovesBothPorts(PortMappingProtocol protocol)
    {
        var rig = new AgentRig(RouterOf(protocol));
        rig.Run(Moment);
        Assert.AreEqual(2, rig.Router.Mappings.Count);
        rig.Agent.Release(rig.Now);
        rig.Run(Moment);
        Assert.IsTrue(rig.Agent.IsReleased);
        Assert.AreEqual(0, rig.Router.Mappings.Count);
        Assert.AreEqual(PortMappingFailure.Stopped, rig.Status.Failure);
    }

    [TestMethod]
    [DataRow(PortMappingProtocol.Pcp)]
    [DataRow(PortMappingProtocol.NatPmp)]
    [DataRow(PortMappingProtocol.UpnpIgd)]
    public void Run_RouterChangesItsOuterAddress_StatusFollowsAndMappingsAreMadeAnew(PortMappingProtocol protocol)
    {
        var rig = new AgentRig(RouterOf(protocol));
        rig.Run(Moment);
        rig.Router.ExternalAddress = 0x19140001;
        if (protocol == PortMappingProtocol.Pcp) rig.Router.Reboot(rig.Now); // PCP tells the address with a mapping only
        rig.Router.Mappings.Clear();
        rig.Run(TimeSpan.FromMinutes(3));
        Assert.AreEqual(TransportAddress.FromIPv4(0x19140001, 6881), rig.Status.Udp);
        Assert.AreEqual(2, rig.Router.Mappings.Count);
    }

    [TestMethod]
    [DataRow(PortMappingProtocol.Pcp)]
    [DataRow(PortMappingProtocol.NatPmp)]
    public void Run_RouterFallsSilent_MappingIsLostWithItsLifetimeAndFoundAgain(PortMappingProtocol protocol)
    {
        var rig = new AgentRig(RouterOf(protocol));
        rig.Run(Moment);
        rig.Router.IsSilent = true;
        rig.Run(TimeSpan.FromSeconds(7000));
        Assert.AreEqual(protocol, rig.Status.Protocol, "the router still holds it");
        rig.Run(TimeSpan.FromSeconds(300));
        Assert.AreEqual(PortMappingProtocol.None, rig.Status.Protocol);
        rig.Router.IsSilent = false;
        rig.Run(TimeSpan.FromMinutes(20));
        Assert.AreEqual(protocol, rig.Status.Protocol);
    }

    private static VirtualRouter RouterOf(PortMappingProtocol protocol) => new()
    {
        SpeaksPcp = protocol == PortMappingProtocol.Pcp,
        SpeaksNatPmp = protocol == PortMappingProtocol.NatPmp,
        SpeaksUpnp = protocol == PortMappingProtocol.UpnpIgd,
    };
}
