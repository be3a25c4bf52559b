using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace CS3103P2P.Simulation;

/// <summary>Runs a range of seeds, in this process or in several, and lists at the end what failed.</summary>
internal sealed class RunCommand(Options options, TextWriter output)
{
    private const int Failed = 1;
    private const int MaxFailuresTold = 100;
    private const int MaxSeedsPerChild = 1000;
    private const string SeedDone = "... done ";
    private static readonly TimeSpan ProgressPeriod = TimeSpan.FromSeconds(10);

    /// <summary>A seed takes about a second.</summary>
    private static readonly TimeSpan SeedTimeout = TimeSpan.FromMinutes(5);

    private readonly ConcurrentQueue<string> _failures = new();
    private readonly long _start = Stopwatch.GetTimestamp();
    private TimeSpan _nextReport = ProgressPeriod;
    private long _events;
    private int _done;
    private int _failed;
    private readonly TablePeaks _peaks = new(options.Limit);

    public async Task<int> RunAsync()
    {
        if (options.Jobs > 1) await RunChildrenAsync().ConfigureAwait(false);
        else await RunHereAsync().ConfigureAwait(false);
        if (options.IsChild) return _failed == 0 ? 0 : Failed;
        foreach (string failure in _failures) await output.WriteLineAsync(failure).ConfigureAwait(false);
        foreach (string table in options.Tables ? _peaks.Describe() : []) await output.WriteLineAsync(table).ConfigureAwait(false);
        double seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds;
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"{_done} seeds ({options.First}..{options.Last}), {_failed} failed, {_events} events, {seconds:F1} s, {_done * 60 / seconds:F0} seeds a minute"))
            .ConfigureAwait(false);
        return _failed == 0 ? 0 : Failed;
    }

    private async Task RunHereAsync()
    {
        foreach (int seed in options.IsChild ? ReadSeeds() : Seeds())
        {
            RunResult result = await ScenarioRun.RunAsync(options.Generate(seed), options.Plant, peaks: _peaks);
            _done++;
            _events += result.Events;
            if (options.Hashes) await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"seed {seed} hash {result.TraceHash:x16} events {result.Events}"));
            if (result.Violation is { } violation)
                await TellAsync(seed, string.Create(CultureInfo.InvariantCulture, $"at {violation.At.Micros / 1e6:F3} s: {violation.Invariant}: {violation.Details}"));
            if (_failed > 0 && (options.Plant != PlantedBug.None || options.Limit is not null)) return;
            if (options.IsChild) await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{SeedDone}{result.Events}"));
            else await ReportAsync();
        }
    }

    private IEnumerable<int> Seeds() =>
        Enumerable.Range(options.First, options.Last - options.First + 1).TakeWhile(_ => options.Within is not { } limit || Stopwatch.GetElapsedTime(_start) < limit);

    // The run that started this one says which; it waits for each. Nothing else runs here meanwhile.
    private static IEnumerable<int> ReadSeeds()
    {
        while (Console.In.ReadLine() is { } line) yield return int.Parse(line, CultureInfo.InvariantCulture);
    }

    private async Task TellAsync(int seed, string what)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"seed {seed} FAILS {what}");
        string replay = $"  dotnet run -c Release --project test/Simulation -- replay {seed} --trace{CommandLine.RepeatText(options)}";
        await output.WriteLineAsync(text);
        await output.WriteLineAsync(replay);
        NoteFailure(text, replay);
    }

    private void NoteFailure(string text, string replay)
    {
        _failed++;
        if (_failures.Count < MaxFailuresTold) _failures.Enqueue(text + Environment.NewLine + replay);
    }

    private async Task ReportAsync()
    {
        TimeSpan elapsed = Stopwatch.GetElapsedTime(_start);
        if (elapsed < _nextReport) return;
        _nextReport = elapsed + ProgressPeriod;
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"... {_done} of {options.Last - options.First + 1} seeds, {_failed} failed, {elapsed.TotalSeconds:F0} s, {_done / elapsed.TotalMinutes:F0} seeds a minute"));
    }

    // A simulation has the process to itself. A child goes on as long as it can: it needs seconds until its code is compiled.
    private async Task RunChildrenAsync()
    {
        IEnumerator<int> seeds = Seeds().GetEnumerator();
        await Task.WhenAll(Enumerable.Range(0, options.Jobs).Select(_ => RunLaneAsync(() => seeds.MoveNext() ? seeds.Current : null)));
    }

    // A child that dies or hangs loses one seed, which is told; another goes on with the next. One that has run many gives all its memory back.
    private async Task RunLaneAsync(Func<int?> takeSeed)
    {
        Process? child = null;
        int left = 0;
        while (takeSeed() is { } seed)
        {
            if (left-- == 0)
            {
                await EndAsync(child);
                child = StartChild();
                left = MaxSeedsPerChild - 1;
            }

            if (await RunInChildAsync(child!, seed) is not { } wrong) continue;
            left = 0;
            _done++;
            await TellAsync(seed, wrong);
        }

        await EndAsync(child);
    }

    private static async Task EndAsync(Process? child)
    {
        if (child is null) return;
        try
        {
            child.StandardInput.Close();
        }
        catch (IOException)
        {
            child.Kill();   // it takes nothing any more, so it is dead or about to be
        }

        await child.WaitForExitAsync();
        child.Dispose();
    }

    /// <returns>Null when all went well, as far as the child is concerned.</returns>
    private async Task<string?> RunInChildAsync(Process child, int seed)
    {
        try
        {
            await child.StandardInput.WriteLineAsync(seed.ToString(CultureInfo.InvariantCulture));
            await child.StandardInput.FlushAsync();
            while (await child.StandardOutput.ReadLineAsync().WaitAsync(SeedTimeout) is { } line)
            {
                if (!line.StartsWith(SeedDone, StringComparison.Ordinal))
                {
                    await HandleLineAsync(child, line);
                    continue;
                }

                _done++;
                _events += long.Parse(line.AsSpan(SeedDone.Length), CultureInfo.InvariantCulture);
                await ReportAsync();
                return null;
            }
        }
        catch (TimeoutException)
        {
            child.Kill();
            return $"to end within {SeedTimeout.TotalSeconds} s";
        }
        catch (IOException e)
        {
            return $"in a process that takes no more seeds: {e.Message}";
        }

        await child.WaitForExitAsync();
        return $"by the end of its process with code {child.ExitCode}";
    }

    private async Task HandleLineAsync(Process child, string line)
    {
        if (line.Contains(" FAILS ", StringComparison.Ordinal))
        {
            string replay = await child.StandardOutput.ReadLineAsync() ?? string.Empty;
            await output.WriteLineAsync(line);
            await output.WriteLineAsync(replay);
            NoteFailure(line, replay);
        }
        else if (line.StartsWith("seed ", StringComparison.Ordinal))
        {
            await output.WriteLineAsync(line);
        }
    }

    private Process StartChild()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal)) start.ArgumentList.Add(typeof(RunCommand).Assembly.Location);
        string[] arguments = ["run", "--seeds", string.Create(CultureInfo.InvariantCulture, $"{options.First}..{options.Last}"), "--child", .. options.OfScenario];
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        if (options.Hashes) start.ArgumentList.Add("--hashes");
        return Process.Start(start) ?? throw new InvalidOperationException("No process could be started.");
    }
}
