using System.Diagnostics;
using System.Globalization;

namespace CS3103P2P.Simulation;

/// <summary>The commands of the simulator.</summary>
internal static class CommandLine
{
    private const int Failed = 1;
    private const int WrongUsage = 2;
    private const string Usage = """
        run --seeds FIRST..LAST [--plant BUG] [--hashes]     run scenarios; a failure prints the command that replays it
        replay SEED [--trace] [--without f1,p2,...] [--plant BUG]
        shrink SEED [--plant BUG]                            a smaller scenario with the same failure
        scale [PICTURE.svg [LARGEST]]                        swarms of 100, 1,000 and 10,000 homes
        """;

    public static async Task<int> RunAsync(string[] args, TextWriter output)
    {
        AppDomain.CurrentDomain.UnhandledException += (_, e) => Console.Error.WriteLine($"An exception escaped to the thread pool: {e.ExceptionObject}");
        if (args is ["scale", ..]) return await ScaleCommand.RunAsync(output, args.Length > 1 ? args[1] : null, args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : int.MaxValue);
        var options = Options.Parse(args);
        if (options is null)
        {
            await output.WriteLineAsync(Usage);
            return WrongUsage;
        }

        return options.Command switch
        {
            "run" => await RunSeedsAsync(options, output),
            "replay" => await ReplayAsync(options, output),
            _ => await ShrinkAsync(options, output),
        };
    }

    private static async Task<int> RunSeedsAsync(Options options, TextWriter output)
    {
        long start = Stopwatch.GetTimestamp();
        int failures = 0;
        long events = 0;
        for (int seed = options.First; seed <= options.Last; seed++)
        {
            RunResult result = await ScenarioRun.RunAsync(ScenarioGenerator.Generate(seed), options.Plant);
            events += result.Events;
            if (options.Hashes) await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"seed {seed} hash {result.TraceHash:x16} events {result.Events}"));
            if (result.Violation is not { } violation) continue;
            failures++;
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"seed {seed} FAILS at {violation.At.Micros / 1e6:F3} s: {violation.Invariant}: {violation.Details}"));
            await output.WriteLineAsync($"  dotnet run -c Release --project test/Simulation -- replay {seed} --trace{PlantText(options)}");
            if (options.Plant != PlantedBug.None) break;
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        int count = options.Last - options.First + 1;
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"{count} seeds ({options.First}..{options.Last}), {failures} failed, {events} events, {seconds:F1} s, {count * 60 / seconds:F0} seeds a minute"));
        return failures == 0 ? 0 : Failed;
    }

    private static async Task<int> ReplayAsync(Options options, TextWriter output)
    {
        Scenario scenario = ScenarioGenerator.Generate(options.First) with { Without = options.Without };
        scenario.Describe(output);
        RunResult result = await ScenarioRun.RunAsync(scenario, options.Plant, options.Trace ? output : null);
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"{result.Events} events, {result.End.Micros / 1e6:F3} s, hash {result.TraceHash:x16}, {result.Violation?.ToString() ?? "no violation"}"));
        return result.Violation is null ? 0 : Failed;
    }

    private static async Task<int> ShrinkAsync(Options options, TextWriter output)
    {
        Scenario? smaller = await Shrinker.ShrinkAsync(ScenarioGenerator.Generate(options.First), options.Plant);
        if (smaller is null)
        {
            await output.WriteLineAsync("This seed does not fail.");
            return 0;
        }

        smaller.Describe(output);
        await output.WriteLineAsync($"  dotnet run -c Release --project test/Simulation -- replay {options.First} --trace --without {string.Join(',', smaller.Without.Order(StringComparer.Ordinal))}{PlantText(options)}");
        return Failed;
    }

    private static string PlantText(Options options) => options.Plant == PlantedBug.None ? string.Empty : $" --plant {options.Plant}";
}
