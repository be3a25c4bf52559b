using System.CommandLine;

namespace CS3103P2P.Samples.Tracker;

/// <summary>The command line of the tracker: it only puts settings beside those of the environment and the file; <see cref="TrackerSettings"/> checks them all.</summary>
internal static class TrackerCommand
{
    public static RootCommand Create()
    {
        (string Key, Option<string[]> Option)[] options =
        [
            ("listen", Text("--listen", "IP[:PORT]", "Where to answer peers; may be repeated. Default: every address, port 80.")),
            ("stun", Text("--stun", "IP[:PORT][,IP2[:PORT2]]", "Where to answer STUN too; may be repeated, or a list with commas. Two IP addresses serve NAT diagnosis (RFC 5780), for which each needs two ports: 3478 and 3479 if none are given. Default: nowhere.")),
            ("relay", Text("--relay", "IP[:PORT]", "Where to relay between peers that cannot reach each other (TURN, UDP and TCP). Default: nowhere.")),
            ("publicAddress", Text("--public-address", "IP", "The IPv4 address at which peers reach the relay; needed when --relay is every address, or behind a NAT.")),
            ("registry", Text(
                "--registry", "memory|postgres:CONNECTION",
                "Where the registry is: memory, or postgres:CONNECTION to share it with other trackers, for example "
                + "'postgres:Host=db;Database=tracker;Username=tracker' with the password in PGPASSWORD or PGPASSFILE. Default: memory.")),
            ("state", Text("--state", "FILE", "Keep a copy of the registry in this file, for restarts. Default: none.")),
            ("http", Text("--http", "[IP:]PORT", "Serve /metrics, /healthz, /readyz and /summary; a port alone means 127.0.0.1. Default: nowhere.")),
            ("otlp", Text("--otlp", "URL", "Send metrics by OTLP: http://HOST:4317 (gRPC), or http://HOST:4318/v1/metrics (HTTP). Default: nowhere.")),
            ("log", Text("--log", "LEVEL", "Least level of log lines: trace, debug, information, warning, error, none. Default: information.")),
        ];
        var config = new Option<string?>("--config") { Description = "JSON file with settings; it is read again when it changes, and at SIGHUP.", HelpName = "FILE" };
        var set = new Option<string[]>("--set") { Description = "Any setting by its key, such as limits:entries=1000000; may be repeated.", HelpName = "KEY=VALUE" };
        var verbose = new Option<bool>("--verbose") { Description = "The same as --log debug." };
        set.Validators.Add(result =>
        {
            foreach (string text in result.Tokens.Select(token => token.Value).Where(text => text.IndexOf('=', StringComparison.Ordinal) < 1)) result.AddError($"--set takes KEY=VALUE, not '{text}'.");
        });
        var root = new RootCommand("Tells peers which other peers have what they look for. Settings stand in --config FILE, the environment (P2P_TRACKER_...), the command line; the later outranks the earlier.");
        foreach ((_, Option<string[]> option) in options) root.Options.Add(option);
        root.Options.Add(config);
        root.Options.Add(set);
        root.Options.Add(verbose);
        root.SetAction((parsed, interrupted) =>
        {
            var given = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
            foreach ((string key, Option<string[]> option) in options)
            {
                if (parsed.GetValue(option) is { Length: > 0 } values) given[key] = string.Join(',', values);
            }

            if (parsed.GetValue(verbose)) given["log"] = "debug";
            foreach (string[] pair in (parsed.GetValue(set) ?? []).Select(text => text.Split('=', 2))) given[pair[0]] = pair[1];
            return TrackerRun.RunAsync(parsed.GetValue(config), given, interrupted);
        });
        return root;
    }

    private static Option<string[]> Text(string name, string form, string description) => new(name)
    {
        Description = description,
        HelpName = form,
        AllowMultipleArgumentsPerToken = false,
        Arity = ArgumentArity.OneOrMore,
    };
}
