using CS3103P2P.Protocol;
using CS3103P2P.Stun.PortMapping;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Tests.PortMapping;

/// <summary>Timing and trust of PCP and NAT-PMP, seen through the agent.</summary>
[TestClass]
public sealed class GatewayMachineTests
{
    [TestMethod]
    public void Run_SilentRouter_NatPmpDoublesFrom250MsNineTimes()
    {
        var rig = new AgentRig(new VirtualRouter());
        rig.Run(TimeSpan.FromMinutes(5));
        double[] times = Times(rig, "pmp address");
        Assert.HasCount(9, times);
        for (int send = 1; send < times.Length; send++) Assert.AreEqual(0.25 * Math.Pow(2, send - 1), times[send] - times[send - 1], 0.001);
    }

    [TestMethod]
    public void Run_SilentRouter_PcpDoublesFrom3SecondsWithJitter()
    {
        var rig = new AgentRig(new VirtualRouter());
        rig.Run(TimeSpan.FromMinutes(5));
        double[] times = Times(rig, "pcp announce");
        Assert.IsGreaterThanOrEqualTo(5, times.Length);
        double previous = times[1] - times[0];
        Assert.IsTrue(previous is >= 2.7 and <= 3.3, $"{previous}");
        for (int send = 2; send < times.Length; send++)
        {
            double wait = times[send] - times[send - 1];
            Assert.IsTrue(wait >= previous * 1.8 && wait <= previous * 2.2, $"{previous} then {wait}");
            previous = wait;
        }
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Run_Mapped_RenewsAfterHalfTheLifetime(bool pcp)
    {
        var rig = new AgentRig(new VirtualRouter { SpeaksPcp = pcp, SpeaksNatPmp = !pcp, GrantedLifetime = 600 });
        rig.Run(TimeSpan.FromMinutes(20));
        double[] times = Times(rig, pcp ? "pcp map Udp" : "pmp map Udp");
        Assert.IsGreaterThanOrEqualTo(3, times.Length);
        for (int send = 1; send < times.Length; send++)
        {
            double wait = times[send] - times[send - 1];
            Assert.IsTrue(wait is >= 300 and <= 375.1, $"{wait}");
        }
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Run_RouterRestarts_MappingsAreMadeAnewWithinTheCheckInterval(bool pcp)
    {
        var rig = new AgentRig(new VirtualRouter { SpeaksPcp = pcp, SpeaksNatPmp = !pcp });
        rig.Run(TimeSpan.FromMinutes(10));
        rig.Router.Reboot(rig.Now);
        rig.Run(GatewayMachine.CheckInterval + TimeSpan.FromSeconds(1));
        Assert.AreEqual(2, rig.Router.Mappings.Count);
    }

    [TestMethod]
    public void HandleDatagram_AnnouncementOfARestart_MapsAnewAtOnce()
    {
        var rig = new AgentRig(new VirtualRouter { SpeaksPcp = true });
        rig.Run(TimeSpan.FromMinutes(10));
        rig.Router.Reboot(rig.Now);
        rig.Agent.HandleDatagram(rig.Now, VirtualRouter.Control, PcpServerMessages.Announce(0));
        rig.Drain();
        Assert.AreEqual(2, rig.Router.Mappings.Count);
    }

    [TestMethod]
    public void HandleDatagram_FromElsewhere_IsIgnored()
    {
        var rig = new AgentRig(new VirtualRouter { SpeaksPcp = true });
        rig.Run(TimeSpan.FromMinutes(10));
        int before = rig.Router.Log.Count;
        rig.Agent.HandleDatagram(rig.Now, TransportAddress.FromIPv4(0xC0A80163, 5351), PcpServerMessages.Announce(0));
        rig.Agent.HandleDatagram(rig.Now, VirtualRouter.Control.WithPort(4000), PcpServerMessages.Announce(0));
        rig.Drain();
        Assert.AreEqual(before, rig.Router.Log.Count);
    }

    [TestMethod]
    public void HandleDatagram_AnotherNonce_GrantsNothing()
    {
        var rig = new AgentRig(new VirtualRouter { SpeaksPcp = true, IsSilent = true });
        rig.Drain();
        rig.Agent.HandleDatagram(rig.Now, VirtualRouter.Control, PcpServerMessages.Announce(5));
        rig.Drain();
        var foreign = new PcpNonce(new byte[12]);
        rig.Agent.HandleDatagram(rig.Now, VirtualRouter.Control, PcpServerMessages.Map(foreign, MappingTransport.Udp, 6881, 6881, 7200, 5));
        Assert.IsNull(rig.Status.Udp);
        var ours = new PcpNonce([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        rig.Agent.HandleDatagram(rig.Now, VirtualRouter.Control, PcpServerMessages.Map(ours, MappingTransport.Udp, 6881, 6881, 7200, 5));
        Assert.IsNotNull(rig.Status.Udp);
    }

    [TestMethod]
    public void Run_IPv6Router_OpensPinholes()
    {
        TransportAddress client = new(System.Net.IPAddress.Parse("2001:db8::2"), 6881);
        TransportAddress gateway = new(System.Net.IPAddress.Parse("fe80::1%3"), 5351);
        MappingPlan plan = AgentRig.Plan with { Client6 = client, Gateway6 = gateway };
        var rig = new AgentRig(new VirtualRouter { IsSilent = true }, plan);
        byte[] buffer = new byte[1500];
        int maps = 0;
        for (int round = 0; round < 40; round++)
        {
            if (!rig.Agent.PollTransmit(rig.Now, buffer, out Transmit transmit)) break;
            if (transmit.Destination != gateway) continue;
            bool map = buffer[1] == 1;
            maps += map ? 1 : 0;
            byte[] answer = PcpServerMessages.Announce(5);
            if (map)
            {
                answer = [.. buffer.AsSpan(0, 60)];
                answer[1] |= 0x80;
                Assert.AreEqual(client.AddressBits, System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(buffer.AsSpan(8)));
            }

            rig.Agent.HandleDatagram(rig.Now, gateway, answer);
        }

        Assert.AreEqual(2, maps);
        Assert.AreEqual(client, rig.Status.PinholeUdp);
        Assert.AreEqual(client, rig.Status.PinholeTcp);
    }

    private static double[] Times(AgentRig rig, string what) =>
        [.. rig.Router.Log.Where(entry => entry.What.StartsWith(what, StringComparison.Ordinal)).Select(entry => entry.Seconds)];
}
