using System.Globalization;

namespace CS3103P2P.Bench.Load;

/// <summary>Medians of what <see cref="LoadGenerator"/> prints, with ratios to the first line.</summary>
internal sealed class LoadTable(string title)
{
    private readonly List<(string Name, List<Dictionary<string, double>> Runs)> _lines = [];

    public void Add(string name, Dictionary<string, double> figures)
    {
        List<Dictionary<string, double>>? runs = _lines.Find(line => line.Name == name).Runs;
        if (runs is null) _lines.Add((name, runs = []));
        runs.Add(figures);
    }

    public void Print()
    {
        if (_lines.Count == 0) return;
        Console.WriteLine($"\n{title}; server on core 0, load on core 1, medians of {_lines.Max(line => line.Runs.Count)}");
        Console.WriteLine("| line | replies/s | of the first line | server CPU us a reply | of the first line | p50 us | p99 us | p99.9 us | longest us | lost | refused | bytes in/out |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|---|");
        foreach ((string name, List<Dictionary<string, double>> runs) in _lines)
        {
            double rate = Of(runs, "rate"), cpu = Of(runs, "cpu");
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {name} | {rate:0} | {rate / Of(_lines[0].Runs, "rate"):0.00} x | {cpu:0.00} | {Of(_lines[0].Runs, "cpu") / cpu:0.00} x | {Of(runs, "p50"):0} | {Of(runs, "p99"):0} | {Of(runs, "p999"):0} | {Of(runs, "max"):0} | {Of(runs, "lost"):0} | {Of(runs, "refused"):0} | {Of(runs, "request"):0}/{Of(runs, "reply"):0} |"));
        }

        Console.WriteLine("(The ratio of processor time is what the line costs the server's core beside the first: above 1 is cheaper. On a busy machine it says more than the rate.)");
    }

    /// <summary>A figure of a line in each run; NaN when it was not measured.</summary>
    public IEnumerable<double> Of(string name, string key) => _lines.Find(line => line.Name == name).Runs is { } runs ? runs.Select(run => run[key]) : [double.NaN];

    /// <summary>Replies a second of a line, of those of another in the same run.</summary>
    public IEnumerable<double> Ratios(string name, string yardstick) => Of(name, "rate").Zip(Of(yardstick, "rate"), (rate, of) => rate / of);

    private static double Of(List<Dictionary<string, double>> runs, string key) => Medians.Of(runs.Select(run => run[key]));
}
