using System.CommandLine;
using CS3103P2P.Peer;
using CS3103P2P.Stun;

namespace CS3103P2P.Samples.Peer;

/// <summary><c>p2p-peer nat</c>: what stands between this machine and others; exit code 1 when no server could be reached at all.</summary>
internal static class NatCommand
{
    private const int DefaultLifetimeSeconds = 300;

    public static Command Create(CommonOptions common)
    {
        var lifetime = new Option<int?>("--lifetime")
        {
            Description = $"Measure how long the router keeps an idle mapping, up to SECONDS (2 to 3600; {DefaultLifetimeSeconds} when none are given); takes up to twice as long.",
            HelpName = "SECONDS",
            Arity = ArgumentArity.ZeroOrOne,
        };
        lifetime.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !(int.TryParse(result.Tokens[0].Value, out int seconds) && seconds is >= 2 and <= 3_600)) result.AddError("--lifetime takes 2 to 3600 seconds.");
        });
        var command = new Command("nat", "Diagnoses the router: the public address, how it maps and filters, and what that means with others' routers.") { lifetime };
        command.SetAction((parsed, interrupted) => CommandRunner.GuardAsync(
            common.IsJson(parsed),
            async () =>
            {
                PeerNodeOptions options = common.ToNodeOptions(parsed);
                using var loggers = options.LoggerFactory;
                bool isTimed = parsed.GetResult(lifetime) is { Implicit: false };
                TimeSpan? longest = isTimed ? TimeSpan.FromSeconds(parsed.GetValue(lifetime) ?? DefaultLifetimeSeconds) : null;
                NatReport report = await PeerNode.DiagnoseNatAsync(options, longest, interrupted);
                if (common.IsJson(parsed)) NatText.WriteJson(report);
                else NatText.WriteLines(report, Console.Out, isTimed);
                return report.IsUdpBlocked is null ? ExitCodes.Failed : ExitCodes.Done;
            },
            interrupted));
        return command;
    }
}
