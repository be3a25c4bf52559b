using System.Diagnostics;
using System.Globalization;
using CS3103P2P.Fuzz;

const long DefaultExecutions = 20_000_000;
const int DefaultSeconds = 600;
long executions = Option("--executions", DefaultExecutions);
int seconds = (int)Option("--seconds", DefaultSeconds);
int seed = (int)Option("--seed", Random.Shared.Next());
int only = Array.IndexOf(args, "--target");   // --target "tracker strangers": that one alone
string? wanted = only >= 0 && only + 1 < args.Length ? args[only + 1] : null;
int threads = (int)Option("--threads", Environment.ProcessorCount);
long heapBefore = GC.GetTotalMemory(forceFullCollection: true);
long started = Stopwatch.GetTimestamp();
FuzzReport[] reports = await Task.WhenAll(Enumerable.Range(0, threads).Select(
    i => Task.Run(() => FuzzRun.Run([.. AllTargets.Create().Where(target => wanted is null || target.Name == wanted)], seed + i, executions / threads, TimeSpan.FromSeconds(seconds)))));
for (int i = 0; i < reports[0].Targets.Count; i++)
{
    int target = i;
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{reports[0].Targets[i].Name,-24} {reports.Sum(report => report.Counts[target]),12:N0}"));
}

Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture,
    $"{reports.Sum(report => report.Total):N0} executions, seeds {seed}..{seed + threads - 1}, {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s"));
Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture, $"managed heap: {heapBefore / 1e6:F1} MB before, {GC.GetTotalMemory(forceFullCollection: true) / 1e6:F1} MB after, targets and their states included"));
foreach (FuzzReport failed in reports.Where(report => report.Failure is not null)) Console.WriteLine($"FAILED {failed.Failure}");
return reports.Any(report => report.Failure is not null) ? 1 : 0;

long Option(string name, long otherwise)
{
    int at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length && long.TryParse(args[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : otherwise;
}
