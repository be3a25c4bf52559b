using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Tests;

[TestClass]
public sealed class NatBehaviorDiscoveryTests
{
    private static readonly StunServerAddresses Full = new(Addresses.Of("192.0.2.1:3478"), Addresses.Of("192.0.2.2:3479"));
    private static readonly TransportAddress Plain1 = Addresses.Of("198.51.100.1:3478");
    private static readonly TransportAddress Plain2 = Addresses.Of("198.51.100.2:3478");
    private static readonly TransportAddress Dead = Addresses.Of("198.51.100.99:3478");

    private readonly StunMultiplexer _multiplexer = new();
    private readonly StunResponder _full = new(Full);
    private readonly StunResponder _plain = new();
    private NatBehavior? _found;
    private MonotonicTime _now;

    [TestMethod]
    [DataRow(NatMapping.EndpointIndependent, NatFiltering.EndpointIndependent)]
    [DataRow(NatMapping.EndpointIndependent, NatFiltering.AddressDependent)]
    [DataRow(NatMapping.EndpointIndependent, NatFiltering.AddressAndPortDependent)]
    [DataRow(NatMapping.AddressDependent, NatFiltering.AddressDependent)]
    [DataRow(NatMapping.AddressDependent, NatFiltering.AddressAndPortDependent)]
    [DataRow(NatMapping.AddressAndPortDependent, NatFiltering.EndpointIndependent)]
    [DataRow(NatMapping.AddressAndPortDependent, NatFiltering.AddressAndPortDependent)]
    public void Run_WithAServerOfRfc5780_FindsMappingAndFiltering(NatMapping mapping, NatFiltering filtering)
    {
        NatBehavior found = Run(new VirtualNat(mapping, filtering), Full.Primary);
        Assert.AreEqual(StunOutcome.Success, found.Outcome);
        Assert.AreEqual("203.0.113.5:40000", found.PublicAddress.ToString());
        Assert.AreEqual((mapping, filtering), (found.Mapping, found.Filtering));
        Assert.AreEqual(mapping == NatMapping.EndpointIndependent, found.IsEndpointIndependent);
    }

    [TestMethod]
    [DataRow(NatMapping.EndpointIndependent, NatMapping.EndpointIndependent)]
    [DataRow(NatMapping.AddressDependent, NatMapping.Dependent)]
    [DataRow(NatMapping.AddressAndPortDependent, NatMapping.Dependent)]
    public void Run_WithTwoPlainServers_TellsEndpointIndependenceOnly(NatMapping mapping, NatMapping expected)
    {
        NatBehavior found = Run(new VirtualNat(mapping, NatFiltering.AddressDependent), Dead, Plain1, Plain1.WithPort(99), Plain2);
        Assert.AreEqual((expected, NatFiltering.Unknown), (found.Mapping, found.Filtering));
        Assert.AreEqual(Plain1, found.Server);
        Assert.IsNotNull(found.SecondPublicAddress);
    }

    [TestMethod]
    public void Run_WithOnePlainServer_KnowsThePublicAddressAlone()
    {
        NatBehavior found = Run(new VirtualNat(NatMapping.EndpointIndependent, NatFiltering.AddressDependent), Plain1);
        Assert.AreEqual(StunOutcome.Success, found.Outcome);
        Assert.AreEqual(NatMapping.Unknown, found.Mapping);
        Assert.IsNull(found.IsEndpointIndependent);
    }

    [TestMethod]
    public void Run_WhereThePublicAddressIsTheOwn_FindsNoNat()
    {
        var nat = new VirtualNat(NatMapping.EndpointIndependent, NatFiltering.EndpointIndependent);
        NatBehavior found = Run(nat, [Full.Primary], [Addresses.Of("203.0.113.5:40000")]);
        Assert.AreEqual(NatMapping.None, found.Mapping);
        Assert.IsTrue(found.IsEndpointIndependent);
    }

    [TestMethod]
    public void Run_WhenNoServerAnswers_TimesOut()
    {
        NatBehavior found = Run(new VirtualNat(NatMapping.EndpointIndependent, NatFiltering.EndpointIndependent), Dead, Dead.WithPort(1));
        Assert.AreEqual(StunOutcome.TimedOut, found.Outcome);
        Assert.AreEqual(6_600_000, _now.Micros);
    }

    [TestMethod]
    public void Start_WithoutServers_Throws() =>
        Assert.ThrowsExactly<ArgumentException>(
            () => new NatBehaviorDiscovery(_multiplexer, Ids.Counting(), [], StunRetransmission.Brief, _ => { }));

    private NatBehavior Run(VirtualNat nat, params TransportAddress[] servers) => Run(nat, servers, []);

    private NatBehavior Run(VirtualNat nat, TransportAddress[] servers, TransportAddress[] local)
    {
        var discovery = new NatBehaviorDiscovery(_multiplexer, Ids.Counting(), servers, StunRetransmission.Brief, b => _found = b, local);
        discovery.Start(_now);
        var buffer = new byte[1500];
        for (int step = 0; step < 1000 && _found is null; step++)
        {
            while (_multiplexer.PollTransmit(_now, buffer, out Transmit transmit)) Deliver(nat, transmit, buffer[..transmit.TotalBytes]);
            if (_found is not null) break;
            _now = _multiplexer.Deadline ?? throw new InvalidOperationException("The discovery waits for nothing.");
            _multiplexer.HandleTimeout(_now);
        }

        Assert.IsNotNull(_found);
        Assert.AreEqual(0, _multiplexer.OpenTransactions);
        return _found;
    }

    private void Deliver(VirtualNat nat, Transmit transmit, byte[] request)
    {
        TransportAddress external = nat.Outbound(transmit.Destination);
        int socket = Enumerable.Range(0, StunServerAddresses.Count).FirstOrDefault(i => Full[i] == transmit.Destination, -1);
        bool isPlain = transmit.Destination == Plain1 || transmit.Destination == Plain2;
        if (socket < 0 && !isPlain) return;
        Assert.IsTrue(StunMessage.TryParse(request, out StunMessage message));
        var answer = new byte[StunResponder.MaxReplyBytes];
        Assert.IsTrue((isPlain ? _plain : _full).TryRespond(message, external, Math.Max(socket, 0), answer, out StunReply reply));
        TransportAddress from = isPlain ? transmit.Destination : Full[reply.SendFrom];
        if (nat.Admits(external, from)) _multiplexer.HandleDatagram(_now, from, answer.AsSpan(0, reply.Bytes));
    }
}
