using CS3103P2P.Bench;

// dotnet run -c Release --project bench -- NAME [--runs N] [--mib N] [--seconds N] [--entries N] [--only LINE] [--markdown]
// The programs under test run as children of their own (`child ...`), so that processor time and memory are theirs alone.
if (args is ["child", .. string[] childArgs]) return await Children.RunAsync(childArgs);

var benchmarks = new Dictionary<string, Func<BenchOptions, Task>>
{
    ["transport"] = TransportBench.RunAsync,
    ["lossy"] = LossyBench.RunAsync,
    ["fairness"] = FairnessBench.RunAsync,
    ["tracker"] = TrackerBench.RunAsync,
    ["killed"] = TrackerKillBench.RunAsync,
    ["stun"] = StunBench.RunAsync,
    ["operations"] = OperationsBench.RunAsync,
    ["swarm"] = SwarmBench.RunAsync,
    ["many"] = ManyBench.RunAsync,
    ["memory"] = MemoryBench.RunAsync,
    ["micro"] = MicroBench.RunAsync,
};

const string All = "all";
bool isKnown = args.Length > 0 && (args[0] == All || benchmarks.ContainsKey(args[0]));
if (!isKnown || !BenchOptions.TryParse(args[1..], out BenchOptions options))
{
    Console.Error.WriteLine($"usage: dotnet run -c Release --project bench -- {string.Join('|', benchmarks.Keys)}|{All} [--runs N] [--mib N] [--seconds N] [--entries N] [--only LINE] [--markdown]");
    return 2;
}

foreach ((string name, Func<BenchOptions, Task> benchmark) in benchmarks)
{
    if (args[0] != All && args[0] != name) continue;
    if (options.Markdown) Surroundings.PrintHeading(name);
    await benchmark(options);
}

return 0;
