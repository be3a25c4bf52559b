using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace CS3103P2P.Simulation;

/// <summary>Runs a range of seeds, in this process or in several, and lists at the end what failed.</summary>
internal sealed class RunCommand(Options options, TextWriter output)
{
    private const int Failed = 1;
    private const int MaxFailuresTold = 100;
    private const int MinSeedsPerChild = 30;     // a child needs seconds until its code is compiled
    private const int MaxSeedsPerChild = 250;
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
        for (int seed = options.First; seed <= options.Last; seed++)
        {
            RunResult result = await ScenarioRun.RunAsync(options.Generate(seed), options.Plant, peaks: _peaks);
            _done++;
            _events += result.Events;
            if (options.Hashes) await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"seed {seed} hash {result.TraceHash:x16} events {result.Events}"));
            if (result.Violation is { } violation)
                await TellAsync(seed, string.Create(CultureInfo.InvariantCulture, $"at {violation.At.Micros / 1e6:F3} s: {violation.Invariant}: {violation.Details}"));
            if (_failed > 0 && (options.Plant != PlantedBug.None || options.Limit is not null)) return;
            if (options.IsChild) await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{SeedDone}{seed} {result.Events}"));
            else await ReportAsync();
        }
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

    // A simulation has the process to itself; a child that runs a share of the seeds also gives all its memory back.
    private async Task RunChildrenAsync()
    {
        var shares = new ConcurrentQueue<(int First, int Last)>();
        int size = Math.Clamp((options.Last - options.First + 1) / (options.Jobs * 2), MinSeedsPerChild, MaxSeedsPerChild);
        for (int first = options.First; first <= options.Last; first += size)
        {
            shares.Enqueue((first, Math.Min(options.Last, first + size - 1)));
        }

        Task[] lanes = [.. Enumerable.Range(0, options.Jobs).Select(_ => RunLaneAsync(shares))];
        await Task.WhenAll(lanes);
    }

    // A child that dies or hangs loses one seed, which is told; another goes on with the next.
    private async Task RunLaneAsync(ConcurrentQueue<(int First, int Last)> shares)
    {
        while (shares.TryDequeue(out (int First, int Last) share))
        {
            int next = share.First;
            while (next <= share.Last)
            {
                (int after, string? wrong) = await RunChildAsync(next, share.Last);
                next = after;
                if (wrong is null) continue;
                _done++;
                await TellAsync(next++, wrong);
            }
        }
    }

    private async Task<(int Next, string? Wrong)> RunChildAsync(int first, int last)
    {
        using Process child = StartChild((first, last));
        int next = first;
        try
        {
            while (await child.StandardOutput.ReadLineAsync().WaitAsync(SeedTimeout) is { } line)
            {
                if (line.StartsWith(SeedDone, StringComparison.Ordinal)) next = await NoteDoneAsync(line);
                else await HandleLineAsync(child, line);
            }
        }
        catch (TimeoutException)
        {
            child.Kill();
            return (next, $"to end within {SeedTimeout.TotalSeconds} s");
        }

        await child.WaitForExitAsync();
        return (next, next > last ? null : $"by the end of its process with code {child.ExitCode}");
    }

    private async Task<int> NoteDoneAsync(string line)
    {
        string[] words = line[SeedDone.Length..].Split(' ');
        _done++;
        _events += long.Parse(words[1], CultureInfo.InvariantCulture);
        await ReportAsync();
        return int.Parse(words[0], CultureInfo.InvariantCulture) + 1;
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

    private Process StartChild((int First, int Last) share)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal)) start.ArgumentList.Add(typeof(RunCommand).Assembly.Location);
        string[] arguments = ["run", "--seeds", string.Create(CultureInfo.InvariantCulture, $"{share.First}..{share.Last}"), "--child"];
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        if (options.Hashes) start.ArgumentList.Add("--hashes");
        start.ArgumentList.Add("--peers");
        start.ArgumentList.Add(options.Peers.ToString(CultureInfo.InvariantCulture));
        if (options.Faults is not { } faults) return Start(start);
        start.ArgumentList.Add("--faults");
        start.ArgumentList.Add(faults.ToString());
        return Start(start);
    }

    private static Process Start(ProcessStartInfo start) => Process.Start(start) ?? throw new InvalidOperationException("No process could be started.");
}
