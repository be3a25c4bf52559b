using System.Globalization;

namespace CS3103P2P.Bench;

/// <summary>Prints medians, and ratios to the yardstick, which is the first line.</summary>
internal sealed class Table(string title, long bytesPerRun)
{
    private readonly List<(string Name, List<Measurement> Runs)> _lines = [];

    public void Add(string name, Measurement measurement)
    {
        List<Measurement>? runs = _lines.Find(line => line.Name == name).Runs;
        if (runs is null) _lines.Add((name, runs = []));
        runs.Add(measurement);
    }

    public void Print()
    {
        double gib = bytesPerRun / (double)(1 << 30);
        Console.WriteLine($"\n{title}: {bytesPerRun >> 20} MiB a run, medians of {_lines.Max(line => line.Runs.Count)}");
        Console.WriteLine("| line | MB/s | of the yardstick | CPU s/GiB, both sides | allocated bytes/MiB | peak MiB of the receiver |");
        Console.WriteLine("|---|---|---|---|---|---|");
        double yardstick = Median(_lines[0].Runs, run => run.Seconds);
        foreach ((string name, List<Measurement> runs) in _lines)
        {
            double seconds = Median(runs, run => run.Seconds);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {name} | {bytesPerRun / seconds / 1e6:0} | {yardstick / seconds:0.00} x | {Median(runs, run => run.CpuSeconds) / gib:0.00} | {Median(runs, run => run.AllocatedBytes) / (bytesPerRun >> 20):0} | {Median(runs, run => run.PeakBytes) / (1 << 20):0} |"));
        }
    }

    private static double Median(List<Measurement> runs, Func<Measurement, double> figure) => Medians.Of(runs.Select(figure));
}
