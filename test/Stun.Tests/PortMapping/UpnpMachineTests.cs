namespace CS3103P2P.Stun.Tests.PortMapping;

/// <summary>What a UPnP router may answer, seen through the agent.</summary>
[TestClass]
public sealed class UpnpMachineTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(5);

    [TestMethod]
    public void Run_WishedPortTakenOnVersion1_TriesOtherPorts()
    {
        AgentRig rig = Start(router => router.TakenPorts.Add(6881));
        Assert.AreEqual(PortMappingProtocol.UpnpIgd, rig.Status.Protocol);
        Assert.AreNotEqual(6881, (int)rig.Status.Udp!.Value.Port);
        Assert.AreEqual(rig.Status.Udp, rig.Status.Tcp);
        Assert.IsFalse(Actions(rig).Any(action => action.StartsWith("upnp AddAny", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Run_WishedPortTakenOnVersion2_LetsTheRouterChoose()
    {
        AgentRig rig = Start(router =>
        {
            router.ServiceType = "urn:schemas-upnp-org:service:WANIPConnection:2";
            router.TakenPorts.Add(6881);
        });
        Assert.AreEqual(1, Actions(rig).Count(action => action.StartsWith("upnp AddAny", StringComparison.Ordinal)));
        Assert.AreEqual(rig.Router.Mappings[CS3103P2P.Stun.PortMapping.MappingTransport.Udp], rig.Status.Udp!.Value.Port);
        Assert.AreEqual(rig.Status.Udp, rig.Status.Tcp);
    }

    [TestMethod]
    [DataRow(725)]
    [DataRow(402)]
    [DataRow(501)]
    public void Run_RouterWantsPermanentLeases_AsksForThemAndStillRefreshes(int error)
    {
        AgentRig rig = Start(router => router.UpnpErrors.Enqueue(error));
        Assert.AreEqual(6881, (int)rig.Status.Udp!.Value.Port);
        Assert.Contains("upnp AddPortMapping 6881 0", Actions(rig));
        int before = Actions(rig).Length;
        rig.Run(TimeSpan.FromMinutes(11));
        Assert.Contains("upnp AddPortMapping 6881 0", Actions(rig).Skip(before));
    }

    [TestMethod]
    [DataRow(606, PortMappingFailure.NotAuthorized, 1)]
    [DataRow(728, PortMappingFailure.NoResources, 1)]
    [DataRow(727, PortMappingFailure.Unsupported, 1)]
    [DataRow(718, PortMappingFailure.Conflict, 6)]
    [DataRow(729, PortMappingFailure.Conflict, 6)]
    public void Run_RouterAlwaysRefuses_EndsWithTheReason(int error, PortMappingFailure expected, int attempts)
    {
        AgentRig rig = Start(router =>
        {
            for (int i = 0; i < 50; i++) router.UpnpErrors.Enqueue(error);
        });
        rig.Run(TimeSpan.FromMinutes(10));
        Assert.AreEqual(attempts, Actions(rig).Count(action => action.StartsWith("upnp Add", StringComparison.Ordinal)));
        Assert.AreEqual(PortMappingProtocol.None, rig.Status.Protocol);
        Assert.AreEqual(expected, rig.Status.Failure);
    }

    [TestMethod]
    public void Run_SamePortRequired_KeepsToOurPort()
    {
        AgentRig rig = Start(router =>
        {
            router.UpnpErrors.Enqueue(718);
            router.UpnpErrors.Enqueue(724);
        });
        Assert.AreEqual(6881, (int)rig.Status.Udp!.Value.Port);
    }

    [TestMethod]
    [DataRow("http://10.0.0.9:5000/rootDesc.xml", DisplayName = "another host")]
    [DataRow("http://192.168.1.1@10.0.0.9/rootDesc.xml", DisplayName = "the router as a user name")]
    [DataRow("https://192.168.1.1/rootDesc.xml", DisplayName = "another scheme")]
    [DataRow("http://router.example/rootDesc.xml", DisplayName = "a name")]
    [DataRow("http://127.0.0.1:5000/", DisplayName = "ourselves")]
    [DataRow("file:///etc/passwd", DisplayName = "a file")]
    public void Run_LocationNotOnTheRouter_IsNotFetched(string location)
    {
        AgentRig rig = Start(router => router.Location = location);
        Assert.IsEmpty(Actions(rig));
        Assert.AreEqual(PortMappingFailure.NoAnswer, rig.Status.Failure);
    }

    [TestMethod]
    [DataRow("http://10.0.0.9/ctl")]
    [DataRow("//10.0.0.9/ctl")]
    public void Run_ControlUrlNotOnTheRouter_IsNotCalled(string control)
    {
        AgentRig rig = Start(router => router.ControlUrl = control);
        CollectionAssert.AreEqual(new[] { "upnp GET /rootDesc.xml" }, Actions(rig));
    }

    [TestMethod]
    public void Run_RouterForgetsMappings_TheyAreMadeAnewWithinTenMinutes()
    {
        AgentRig rig = Start(_ => { });
        rig.Router.Mappings.Clear();
        rig.Run(TimeSpan.FromMinutes(11));
        Assert.AreEqual(2, rig.Router.Mappings.Count);
    }

    [TestMethod]
    public void Run_RouterMovesItsControlUrl_IsFoundAgain()
    {
        AgentRig rig = Start(_ => { });
        rig.Router.IsSilent = true;
        rig.Run(TimeSpan.FromMinutes(30));
        Assert.AreEqual(PortMappingProtocol.None, rig.Status.Protocol);
        rig.Router.Location = "http://192.168.1.1:6000/other.xml";
        rig.Router.IsSilent = false;
        rig.Run(TimeSpan.FromMinutes(20));
        Assert.AreEqual(PortMappingProtocol.UpnpIgd, rig.Status.Protocol);
        Assert.Contains("upnp GET /other.xml", Actions(rig));
    }

    private static AgentRig Start(Action<VirtualRouter> arrange)
    {
        var router = new VirtualRouter { SpeaksUpnp = true };
        arrange(router);
        var rig = new AgentRig(router);
        rig.Run(Moment);
        return rig;
    }

    private static string[] Actions(AgentRig rig) =>
        [.. rig.Router.Log.Select(entry => entry.What).Where(what => what.StartsWith("upnp", StringComparison.Ordinal))];
}
