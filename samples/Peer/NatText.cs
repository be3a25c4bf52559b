using System.Globalization;
using CS3103P2P.Stun;

namespace CS3103P2P.Samples.Peer;

/// <summary>A <see cref="NatReport"/> in words, and as JSON with the fields that docs/nat-traversal.md lists.</summary>
internal static class NatText
{
    public static void WriteJson(NatReport report) => JsonEvents.Write(
        "nat",
        ("localAddress", report.LocalAddress?.ToIPAddress()),
        ("publicAddress", report.PublicAddress),
        ("udpBlocked", report.IsUdpBlocked),
        ("kind", NatExpectations.NameOf(report.Kind)),
        ("mapping", NameOf(report.Mapping)),
        ("filtering", NameOf(report.Filtering)),
        ("portStep", report.PortDelta),
        ("ports", NameOf(report.Ports)),
        ("hairpin", NameOf(report.Hairpin)),
        ("lifetimeAtLeast", report.Lifetime?.AtLeast),
        ("lifetimeBelow", report.Lifetime?.Below),
        ("portMapping", report.PortMapping.Select(IEnumerable<(string, object?)> (one) =>
            [("protocol", NameOf(one.Protocol)), ("answers", one.Answers), ("failure", one.Failure == PortMappingFailure.None ? null : one.Failure), ("externalAddress", one.ExternalAddress?.ToIPAddress())])),
        ("doubleNat", report.IsDoubleNat),
        ("ipv6Address", report.IPv6Address?.ToIPAddress()),
        ("ipv6Reachable", report.IsIPv6Reachable),
        ("twoAddressServer", report.HasTwoAddressServer),
        ("servers", report.Servers.Select(IEnumerable<(string, object?)> (server) =>
            [
                ("server", server.Server), ("seenAs", server.SeenAs), ("seconds", server.RoundTrip), ("twoAddresses", server.HasTwoAddresses),
                ("tcp", server.ByTcp), ("seenByTcpAs", server.SeenByTcpAs), ("error", server.Outcome == StunOutcome.Success ? null : server.Outcome),
            ])),
        ("expect", NatExpectations.PeerClasses.Select(IEnumerable<(string, object?)> (kind) =>
            [("peer", NatExpectations.NameOf(kind)), ("way", NameOf(report.ExpectWith(kind)))])));

    public static void WriteLines(NatReport report, TextWriter output, bool isLifetimeWanted)
    {
        Line("local address", $"{report.LocalAddress?.ToIPAddress()}");
        Line("public address", report.PublicAddress?.ToString() ?? "unknown: no STUN server answered");
        Line("UDP", report.IsUdpBlocked switch { false => "gets through", true => "is blocked; TCP gets through", _ => "not known: no server answered, neither by UDP nor by TCP" });
        Line("kind", report.Kind == NatClass.Unknown ? "not known" : $"{NatExpectations.NameOf(report.Kind)}: {NatExpectations.Describe(report.Kind)}");
        Line("mapping", Describe(report.Mapping));
        Line("filtering", Describe(report));
        Line("port numbers", Describe(report.Ports, report.PortDelta));
        Line("hairpin", Describe(report.Hairpin));
        if (isLifetimeWanted) Line("idle mappings", Describe(report.Lifetime));
        foreach (NatPortMappingReport one in report.PortMapping) Line(NameOf(one.Protocol), Describe(one));
        if (report.PortMapping.Count == 0) Line("opening ports", "no router was found to ask");
        Line("double NAT", report.IsDoubleNat switch { true => "yes: another router or the provider translates above this one", false => "no", _ => "not known: the router did not tell its outer address" });
        Line("IPv6", DescribeIPv6(report));
        foreach (NatServerReport server in report.Servers) Line("asked", Describe(server));
        output.WriteLine();
        output.WriteLine("To expect with a peer whose network is");
        foreach (NatClass peer in NatExpectations.PeerClasses)
            output.WriteLine($"  {NatExpectations.NameOf(peer),-21}{NatExpectations.Describe(report.ExpectWith(peer))}");

        void Line(string name, string text) => output.WriteLine($"{name,-17}{text}");
    }

    private static string NameOf(NatMapping mapping) => mapping switch
    {
        NatMapping.None => "none",
        NatMapping.EndpointIndependent => "endpoint-independent",
        NatMapping.AddressDependent => "address-dependent",
        NatMapping.AddressAndPortDependent => "address-and-port-dependent",
        NatMapping.Dependent => "dependent",
        _ => "unknown",
    };

    private static string NameOf(NatFiltering filtering) => filtering switch
    {
        NatFiltering.EndpointIndependent => "endpoint-independent",
        NatFiltering.AddressDependent => "address-dependent",
        NatFiltering.AddressAndPortDependent => "address-and-port-dependent",
        _ => "unknown",
    };

    private static string NameOf(NatPortPreservation ports) => ports switch
    {
        NatPortPreservation.NotApplicable => "not-applicable",
        NatPortPreservation.Always => "preserved",
        NatPortPreservation.Sometimes => "sometimes",
        NatPortPreservation.Never => "changed",
        _ => "unknown",
    };

    private static string NameOf(NatHairpin hairpin) => hairpin switch
    {
        NatHairpin.NotApplicable => "not-applicable",
        NatHairpin.Works => "works",
        NatHairpin.Fails => "fails",
        _ => "unknown",
    };

    private static string NameOf(NatExpectation expectation) => expectation switch
    {
        NatExpectation.Direct => "direct",
        NatExpectation.DirectAfterGuessing => "guess",
        NatExpectation.DirectByTcp => "tcp",
        NatExpectation.Relay => "relay",
        _ => "unknown",
    };

    private static string NameOf(PortMappingProtocol protocol) => protocol switch
    {
        PortMappingProtocol.Pcp => "PCP",
        PortMappingProtocol.NatPmp => "NAT-PMP",
        _ => "UPnP-IGD",
    };

    private static string Describe(NatMapping mapping) => mapping switch
    {
        NatMapping.None => "none: the public address is this machine's own",
        NatMapping.EndpointIndependent => "endpoint-independent: one public port for all; peers can be told it",
        NatMapping.AddressDependent => "address-dependent: another public port for each remote address (symmetric)",
        NatMapping.AddressAndPortDependent => "address- and port-dependent: another public port for each remote address and port (symmetric)",
        NatMapping.Dependent => "not endpoint-independent: another public port for each destination (symmetric)",
        _ => "not known: two servers, or one with two addresses, have to answer",
    };

    private static string Describe(NatReport report) => report.Filtering switch
    {
        NatFiltering.EndpointIndependent => "endpoint-independent: anybody is let in at an open port",
        NatFiltering.AddressDependent => "address-dependent: addresses that were sent to are let in",
        NatFiltering.AddressAndPortDependent => "address- and port-dependent: only what was sent to is let in",
        _ when report.HasTwoAddressServer => "not known: the tests got no answer",
        _ => "not known: that takes a STUN server with two addresses, and none of these has them",
    };

    private static string Describe(NatPortPreservation ports, int step) => ports switch
    {
        NatPortPreservation.NotApplicable => "there is no NAT to change them",
        NatPortPreservation.Always => "kept: the public port has the number of the local one",
        NatPortPreservation.Sometimes => "kept where they are free",
        NatPortPreservation.Never when step != 0 => string.Create(CultureInfo.InvariantCulture, $"changed, by {step:+0;-0} from one connection to the next"),
        NatPortPreservation.Never => "changed",
        _ => "not known",
    };

    private static string Describe(NatHairpin hairpin) => hairpin switch
    {
        NatHairpin.NotApplicable => "there is no NAT",
        NatHairpin.Works => "works: two programs behind this router meet at its public address",
        NatHairpin.Fails => "does not work: programs behind this router meet by local addresses only",
        _ => "not known",
    };

    private static string Describe(NatLifetime? lifetime) => lifetime switch
    {
        null => "not known: that takes a STUN server with two addresses",
        { Below: { } below } => string.Create(CultureInfo.InvariantCulture, $"are kept for {lifetime.AtLeast.TotalSeconds:0.#} to {below.TotalSeconds:0.#} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"are kept for {lifetime.AtLeast.TotalSeconds:0.#} s or longer"),
    };

    private static string Describe(NatPortMappingReport one)
    {
        if (!one.Answers) return "no answer";
        string outer = one.ExternalAddress is { } address ? $"; the router's outer address is {address.ToIPAddress()}" : string.Empty;
        return one.Failure == PortMappingFailure.None ? $"answers{outer}" : $"answers, but would open nothing ({one.Failure}){outer}";
    }

    private static string DescribeIPv6(NatReport report) => (report.IPv6Address, report.IsIPv6Reachable) switch
    {
        (null, _) => "no",
        ({ } own, true) => $"yes: {own.ToIPAddress()}, and a server answered over it",
        ({ } own, false) => $"{own.ToIPAddress()}, but no server answered over it",
        ({ } own, null) => $"{own.ToIPAddress()}; no server with an IPv6 address to ask",
    };

    private static string Describe(NatServerReport server)
    {
        if (server.SeenAs is { } seen)
        {
            string time = server.RoundTrip is { } took ? string.Create(CultureInfo.InvariantCulture, $", {took.TotalMilliseconds:0} ms") : string.Empty;
            return $"{server.Server}: sees {seen}{time}{(server.HasTwoAddresses ? ", has two addresses" : string.Empty)}";
        }

        string tcp = server.ByTcp switch { true when server.SeenByTcpAs is { } byTcp => $"; by TCP it sees {byTcp}", true => "; TCP reaches it", false => "; nor by TCP", _ => string.Empty };
        return server.Outcome == StunOutcome.NameNotResolved ? $"{server.Server}: has no IPv4 address" : $"{server.Server}: no answer by UDP ({server.Outcome}){tcp}";
    }
}
