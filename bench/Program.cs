using CS3103P2P.Bench;

// dotnet run -c Release --project bench -- NAME [--runs N]
// The programs under test run as children of their own (`child ...`), so that processor time and memory are theirs alone.
if (args is ["child", .. string[] childArgs]) return await Children.RunAsync(childArgs);

var benchmarks = new Dictionary<string, Func<BenchOptions, Task>>
{
    ["swarm"] = SwarmBench.RunAsync,
};

if (args.Length == 0 || !benchmarks.TryGetValue(args[0], out Func<BenchOptions, Task>? benchmark) || !BenchOptions.TryParse(args[1..], out BenchOptions options))
{
    Console.Error.WriteLine($"usage: dotnet run -c Release --project bench -- {string.Join('|', benchmarks.Keys)} [--runs N] [--mib N]");
    return 2;
}

await benchmark(options);
return 0;
