using CS3103P2P.Protocol;
using CS3103P2P.Stun.Connections;
using CS3103P2P.Stun.Diagnosis;
using CS3103P2P.Stun.PortMapping;

namespace CS3103P2P.Stun;

/// <summary>
/// Finds out all that can be known of the NATs and firewalls in front of this machine, on sockets of its own: how they map and filter (RFC 4787, RFC 5780),
/// hairpin, the lifetime of mappings, the router's protocols for opening ports, IPv6, and whether UDP is blocked.
/// </summary>
public static class NatDiagnosis
{
    private const int StepMeasurements = 2;   // another program of the home may disturb one
    private static readonly TransportAddress AnyIPv4 = new(System.Net.IPAddress.Any, 0);

    /// <summary>Makes all tests, most of them at once: about 4 s, or 8 s where servers are silent; with the lifetime, see there.</summary>
    /// <param name="options">What to ask; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Never fails for what the network does: what is not known is unknown in it.</returns>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">No socket can be had.</exception>
    public static async Task<NatReport> RunAsync(NatDiagnosisOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new NatDiagnosisOptions();
        options.Validate();
        Task<IReadOnlyList<NatPortMappingReport>> router =
            options.AskRouter ? RouterProbe.RunAsync(TimeProvider.System, cancellationToken) : Task.FromResult<IReadOnlyList<NatPortMappingReport>>([]);
        ServerSurvey survey = await ServerSurvey.RunAsync(options.Servers, cancellationToken).ConfigureAwait(false);
        var report = new NatReport
        {
            LocalAddress = survey.LocalAddress,
            PublicAddress = survey.PublicAddress,
            IsUdpBlocked = survey.IsUdpBlocked,
            HasTwoAddressServer = survey.Reports.Any(server => server.HasTwoAddresses),
            IPv6Address = survey.IPv6Address,
            IsIPv6Reachable = survey.IsIPv6Reachable,
            Servers = survey.Reports,
        };
        if (survey.Answering.Count > 0) report = await TestNatAsync(report, survey, options, cancellationToken).ConfigureAwait(false);
        report = report with { PortMapping = await router.ConfigureAwait(false) };
        return report with { IsDoubleNat = IsDoubleNat(report) };
    }

    private static async Task<NatReport> TestNatAsync(NatReport report, ServerSurvey survey, NatDiagnosisOptions options, CancellationToken cancellationToken)
    {
        await using StunClient client = StunClient.Bind(AnyIPv4);
        NatBehavior found = await client.DiscoverNatAsync(survey.Answering, cancellationToken).ConfigureAwait(false);
        report = report with { Mapping = found.Mapping, Filtering = found.Filtering };
        bool isNat = found.Mapping is not (NatMapping.None or NatMapping.Unknown);
        if (found.Outcome == StunOutcome.Success) report = report with { PublicAddress = found.PublicAddress };
        if (found.IsEndpointIndependent == false)
            report = report with { PortDelta = await MeasureStepAsync(client, found.Server.ToString(), cancellationToken).ConfigureAwait(false) };
        HairpinResult hairpin = await HairpinProbe.RunAsync(survey.Answering[0], cancellationToken).ConfigureAwait(false);
        report = report with
        {
            Hairpin = found.Mapping == NatMapping.None ? NatHairpin.NotApplicable : isNat ? hairpin.Hairpin : NatHairpin.Unknown,
            Ports = Preservation(found.Mapping, [.. survey.Ports, .. hairpin.Ports, .. PortsOf(client.LocalAddress, found)]),
        };
        if (options.LongestLifetime is { } longest && found.OtherAddress is not null)
            report = report with { Lifetime = await LifetimeProbe.RunAsync(found.Server, longest, cancellationToken).ConfigureAwait(false) };
        return report;
    }

    private static IEnumerable<(ushort Local, ushort External)> PortsOf(TransportAddress local, NatBehavior found) =>
        found.Outcome == StunOutcome.Success ? [(local.Port, found.PublicAddress.Port)] : [];

    private static NatPortPreservation Preservation(NatMapping mapping, IReadOnlyList<(ushort Local, ushort External)> ports)
    {
        if (mapping == NatMapping.None) return NatPortPreservation.NotApplicable;
        int kept = ports.Count(pair => pair.Local == pair.External);
        if (ports.Count == 0) return NatPortPreservation.Unknown;
        return kept == ports.Count ? NatPortPreservation.Always : kept > 0 ? NatPortPreservation.Sometimes : NatPortPreservation.Never;
    }

    private static async Task<int> MeasureStepAsync(StunClient beside, string server, CancellationToken cancellationToken)
    {
        for (int i = 0; i < StepMeasurements; i++)
        {
            (short step, _) = await PortStepMeter.MeasureAsync(beside.Endpoint, server, cancellationToken).ConfigureAwait(false);
            if (step != 0) return step;
        }

        return 0;
    }

    private static bool? IsDoubleNat(NatReport report)
    {
        if (report.PortMapping.Any(protocol => protocol.Failure == PortMappingFailure.AddressMismatch)) return true;
        if (report.PortMapping.Select(protocol => protocol.ExternalAddress).OfType<TransportAddress>().ToArray() is not [var outer, ..]) return null;
        if (!AddressScope.IsPublic(outer)) return true;
        return report.PublicAddress is { IsIPv4: true } seen ? seen.AddressBits != outer.AddressBits : null;
    }
}
