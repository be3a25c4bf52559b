using System.CommandLine;
using System.Globalization;
using CS3103P2P.Peer;

namespace CS3103P2P.Samples.Peer;

/// <summary><c>p2p-peer nat</c>: how this machine is seen from outside; exit code 1 when no STUN server answered.</summary>
internal static class NatCommand
{
    public static Command Create(CommonOptions common)
    {
        var command = new Command("nat", "Tells the public address, and what others can expect of the router.");
        command.SetAction((parsed, interrupted) => CommandRunner.RunAsync(
            common, parsed, (node, token) => RunAsync(node, common.IsJson(parsed), token), interrupted));
        return command;
    }

    private static async Task<int> RunAsync(PeerNode node, bool json, CancellationToken interrupted)
    {
        NatReport report = await node.DiagnoseNatAsync(interrupted);
        if (json)
        {
            JsonEvents.Write(
                "nat",
                ("localAddress", report.LocalAddress),
                ("publicAddress", report.PublicAddress),
                ("public", report.IsPublic),
                ("endpointIndependentMapping", report.IsMappingEndpointIndependent),
                ("servers", report.Servers.Select(IEnumerable<(string, object?)> (server) =>
                    [("server", server.Server), ("seenAs", server.SeenAs), ("seconds", server.RoundTrip), ("error", server.Error)])));
            return report.PublicAddress is null ? ExitCodes.Failed : ExitCodes.Done;
        }

        foreach (NatServerReport server in report.Servers)
        {
            Console.Error.WriteLine(server.SeenAs is { } seen
                ? string.Create(CultureInfo.InvariantCulture, $"{server.Server} sees {seen} ({server.RoundTrip?.TotalMilliseconds:0} ms)")
                : $"{server.Server}: {server.Error}");
        }

        Console.WriteLine($"local address    {report.LocalAddress}");
        Console.WriteLine($"public address   {report.PublicAddress?.ToString() ?? "unknown: no STUN server answered"}");
        Console.WriteLine($"mapping          {Mapping(report)}");
        return report.PublicAddress is null ? ExitCodes.Failed : ExitCodes.Done;
    }

    private static string Mapping(NatReport report) => report switch
    {
        { IsPublic: true } => "none: the public address is this machine's own",
        { IsMappingEndpointIndependent: true } => "endpoint-independent: peers can reach the public address",
        { IsMappingEndpointIndependent: false } => "address- or port-dependent (symmetric): peers that filter by port cannot reach the public address",
        _ => "unknown: two servers have to answer",
    };
}
