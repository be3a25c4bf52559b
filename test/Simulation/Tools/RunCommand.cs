using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace CS3103P2P.Simulation;

/// <summary>Runs a range of seeds, in this process or in several, and lists at the end what failed.</summary>
internal sealed class RunCommand(Options options, TextWriter output)
{
    private const int Failed = 1;
    private const int MaxFailuresTold = 100;
    private const int MinSeedsPerChild = 10;
    private const int MaxSeedsPerChild = 250;
    private static readonly TimeSpan ProgressPeriod = TimeSpan.FromSeconds(10);
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _events;
    private int _done;
    private int _failed;
    private readonly TablePeaks _peaks = new(options.Limit);

    public async Task<int> RunAsync()
    {
        if (options.Jobs > 1) await RunChildrenAsync().ConfigureAwait(false);
        else await RunHereAsync().ConfigureAwait(false);
        foreach (string failure in _failures.Take(MaxFailuresTold)) await output.WriteLineAsync(failure).ConfigureAwait(false);
        foreach (string table in options.Tables ? _peaks.Describe() : []) await output.WriteLineAsync(table).ConfigureAwait(false);
        double seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds;
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"{_done} seeds ({options.First}..{options.Last}), {_failed} failed, {_events} events, {seconds:F1} s, {_done * 60 / seconds:F0} seeds a minute"))
            .ConfigureAwait(false);
        return _failed == 0 ? 0 : Failed;
    }

    private async Task RunHereAsync()
    {
        TimeSpan nextReport = ProgressPeriod;
        for (int seed = options.First; seed <= options.Last; seed++)
        {
            RunResult result = await ScenarioRun.RunAsync(options.Generate(seed), options.Plant, peaks: _peaks);
            _done++;
            _events += result.Events;
            if (options.Hashes) await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"seed {seed} hash {result.TraceHash:x16} events {result.Events}"));
            if (result.Violation is { } violation) await TellAsync(seed, violation);
            if (_failed > 0 && (options.Plant != PlantedBug.None || options.Limit is not null)) return;
            if (Stopwatch.GetElapsedTime(_start) < nextReport) continue;
            nextReport = Stopwatch.GetElapsedTime(_start) + ProgressPeriod;
            await ReportAsync();
        }
    }

    private async Task TellAsync(int seed, Violation violation)
    {
        _failed++;
        string text = string.Create(CultureInfo.InvariantCulture, $"seed {seed} FAILS at {violation.At.Micros / 1e6:F3} s: {violation.Invariant}: {violation.Details}");
        string replay = $"  dotnet run -c Release --project test/Simulation -- replay {seed} --trace{CommandLine.RepeatText(options)}";
        await output.WriteLineAsync(text);
        await output.WriteLineAsync(replay);
        if (_failures.Count < MaxFailuresTold) _failures.Enqueue(text);
    }

    private Task ReportAsync() => output.WriteLineAsync(string.Create(
        CultureInfo.InvariantCulture,
        $"... {_done} of {options.Last - options.First + 1} seeds, {_failed} failed, {Stopwatch.GetElapsedTime(_start).TotalSeconds:F0} s, {GC.GetTotalMemory(false) >> 20} MiB"));

    // A simulation has the process to itself; a child that runs a share of the seeds also gives all its memory back.
    private async Task RunChildrenAsync()
    {
        var shares = new ConcurrentQueue<(int First, int Last)>();
        int size = Math.Clamp((options.Last - options.First + 1) / (options.Jobs * 4), MinSeedsPerChild, MaxSeedsPerChild);
        for (int first = options.First; first <= options.Last; first += size)
        {
            shares.Enqueue((first, Math.Min(options.Last, first + size - 1)));
        }

        Task[] lanes = [.. Enumerable.Range(0, options.Jobs).Select(_ => RunLaneAsync(shares))];
        await Task.WhenAll(lanes);
    }

    private async Task RunLaneAsync(ConcurrentQueue<(int First, int Last)> shares)
    {
        while (shares.TryDequeue(out (int First, int Last) share))
        {
            using Process child = StartChild(share);
            while (await child.StandardOutput.ReadLineAsync() is { } line) await HandleLineAsync(line);
            await child.WaitForExitAsync();
            _done += share.Last - share.First + 1;
            if (child.ExitCode is not (0 or Failed)) await HandleLineAsync($"seed {share.First}..{share.Last} FAILS: the process ended with code {child.ExitCode}");
            await ReportAsync();
        }
    }

    private Process StartChild((int First, int Last) share)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal)) start.ArgumentList.Add(typeof(RunCommand).Assembly.Location);
        string[] arguments = ["run", "--seeds", string.Create(CultureInfo.InvariantCulture, $"{share.First}..{share.Last}"), "--jobs", "1"];
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        if (options.Hashes) start.ArgumentList.Add("--hashes");
        start.ArgumentList.Add("--peers");
        start.ArgumentList.Add(options.Peers.ToString(CultureInfo.InvariantCulture));
        if (options.Faults is not { } faults) return Start(start);
        start.ArgumentList.Add("--faults");
        start.ArgumentList.Add(faults.ToString());
        return Start(start);
    }

    private static Process Start(ProcessStartInfo start)
    {
        return Process.Start(start) ?? throw new InvalidOperationException("No process could be started.");
    }

    private async Task HandleLineAsync(string line)
    {
        if (line.StartsWith("...", StringComparison.Ordinal)) return;
        string[] words = line.Split(' ');
        int events = Array.IndexOf(words, "events,");
        if (events > 0)
        {
            _events += long.Parse(words[events - 1], CultureInfo.InvariantCulture);
            return;
        }

        if (line.Contains(" FAILS", StringComparison.Ordinal))
        {
            if (_failures.Contains(line)) return;
            _failed++;
            if (_failures.Count < MaxFailuresTold) _failures.Enqueue(line);
        }

        await output.WriteLineAsync(line);
    }
}
