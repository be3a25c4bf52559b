using System.Globalization;

namespace CS3103P2P.Simulation;

/// <summary>The commands of the simulator.</summary>
internal static class CommandLine
{
    /// <summary>Begins the line, with the exit code, that ends the output of a command that was served.</summary>
    public const string ServedMark = "... served ";

    private const int Failed = 1;
    private const int WrongUsage = 2;
    private const string Usage = """
        run --seeds FIRST..LAST [--jobs N] [--within SECONDS] [--peers N] [--faults KIND] [--long] [--plant BUG] [--hashes] [--tables]
                                                             run scenarios; a failure prints the command that replays it;
                                                             --within ends it after some time, after those seeds that were begun;
                                                             --long makes all of them the long kind, which a third are;
                                                             --tables tells how full the product's tables ever were
        replay SEED [--trace] [--without f1,p2,...] [--peers N] [--faults KIND] [--long] [--plant BUG] [--limit TABLE=N]
        shrink SEED [--peers N] [--faults KIND] [--long] [--plant BUG]  a smaller scenario with the same failure
        scale [DOCUMENT.md [LARGEST [TRIES]]]                swarms of 100, 1,000 and 10,000 homes; the document's figures and picture are written anew
        serve                                                runs the commands that come by standard input, one a line, with tabs between the words
        """;

    public static async Task<int> RunAsync(string[] args, TextWriter output)
    {
        AppDomain.CurrentDomain.UnhandledException += (_, e) => Console.Error.WriteLine($"An exception escaped to the thread pool: {e.ExceptionObject}");
        if (args is not ["serve"]) return await RunOneAsync(args, output);
        while (Console.In.ReadLine() is { } line)
        {
            int exitCode = await RunOneAsync(line.Split('\t'), output);
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{ServedMark}{exitCode}"));
        }

        return 0;
    }

    private static async Task<int> RunOneAsync(string[] args, TextWriter output)
    {
        if (args is ["scale", ..]) return await ScaleCommand.RunAsync(output, args.ElementAtOrDefault(1), NumberAt(args, 2) ?? int.MaxValue, NumberAt(args, 3) ?? ScaleCommand.TriesOfAPair);
        var options = Options.Parse(args);
        if (options is null)
        {
            await output.WriteLineAsync(Usage);
            return WrongUsage;
        }

        return options.Command switch
        {
            "run" => await new RunCommand(options, output).RunAsync(),
            "replay" => await ReplayAsync(options, output),
            _ => await ShrinkAsync(options, output),
        };
    }

    private static int? NumberAt(string[] args, int index) => int.TryParse(args.ElementAtOrDefault(index), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static async Task<int> ReplayAsync(Options options, TextWriter output)
    {
        Scenario scenario = options.Generate(options.First) with { Without = options.Without };
        scenario.Describe(output);
        RunResult result = await ScenarioRun.RunAsync(scenario, options.Plant, options.Trace ? output : null, peaks: new TablePeaks(options.Limit));
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"{result.Events} events, {result.End.Micros / 1e6:F3} s, hash {result.TraceHash:x16}, {result.Violation?.ToString() ?? "no violation"}"));
        return result.Violation is null ? 0 : Failed;
    }

    private static async Task<int> ShrinkAsync(Options options, TextWriter output)
    {
        Scenario? smaller = await Shrinker.ShrinkAsync(options.Generate(options.First), options.Plant);
        if (smaller is null)
        {
            await output.WriteLineAsync("This seed does not fail.");
            return 0;
        }

        smaller.Describe(output);
        await output.WriteLineAsync($"  dotnet run -c Release --project test/Simulation -- replay {options.First} --trace --without {string.Join(',', smaller.Without.Order(StringComparer.Ordinal))}{RepeatText(options)}");
        return Failed;
    }

    /// <summary>The options by which the same happens again.</summary>
    public static string RepeatText(Options options) =>
        string.Concat(options.OfScenario.Select(argument => $" {argument}"))
        + (options.Limit is { } planted ? string.Create(CultureInfo.InvariantCulture, $" --limit \"{planted.Table}={planted.Limit}\"") : string.Empty)
        + (options.Plant == PlantedBug.None ? string.Empty : $" --plant {options.Plant}");
}
