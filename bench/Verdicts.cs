using System.Globalization;

namespace CS3103P2P.Bench;

/// <summary>What a benchmark is to reach, and whether the medians of the runs did.</summary>
/// <param name="title">Of the table.</param>
internal sealed class Verdicts(string title)
{
    private readonly List<(string Measure, double Wanted, bool IsLeast, List<double> Runs)> _lines = [];

    /// <summary>Adds one run of a figure that is to be this much or more; NaN when it could not be measured.</summary>
    public void AtLeast(string measure, double wanted, double figure) => Add(measure, wanted, isLeast: true, figure);

    /// <summary>Adds one run of a figure that is to be this much or less; NaN when it could not be measured.</summary>
    public void AtMost(string measure, double wanted, double figure) => Add(measure, wanted, isLeast: false, figure);

    /// <summary>Adds all runs of such a figure.</summary>
    public void AtLeast(string measure, double wanted, IEnumerable<double> figures)
    {
        foreach (double figure in figures) AtLeast(measure, wanted, figure);
    }

    /// <summary>Adds all runs of such a figure.</summary>
    public void AtMost(string measure, double wanted, IEnumerable<double> figures)
    {
        foreach (double figure in figures) AtMost(measure, wanted, figure);
    }

    public void Print()
    {
        if (_lines.Count == 0) return;
        Console.WriteLine($"\n{title}: what is wanted, and medians");
        Console.WriteLine("| measure | wanted | median | least and most | runs | verdict |");
        Console.WriteLine("|---|---|---|---|---|---|");
        foreach ((string measure, double wanted, bool isLeast, List<double> runs) in _lines)
        {
            double[] measured = [.. runs.Where(double.IsFinite)];
            string front = string.Create(CultureInfo.InvariantCulture, $"| {measure} | {(isLeast ? "at least" : "at most")} {wanted:0.##} |");
            if (measured.Length == 0)
            {
                Console.WriteLine($"{front} - | - | 0 | not measured |");
                continue;
            }

            double median = Medians.Of(measured);
            bool isReached = isLeast ? median >= wanted : median <= wanted;
            Console.WriteLine($"{front} {Show(median)} | {Show(measured.Min())} to {Show(measured.Max())} | {measured.Length} | {(isReached ? "reached" : "MISSED")} |");
        }
    }

    private static string Show(double figure) => figure.ToString(Math.Abs(figure) >= 100 ? "0" : "0.00", CultureInfo.InvariantCulture);

    private void Add(string measure, double wanted, bool isLeast, double figure)
    {
        List<double>? runs = _lines.Find(line => line.Measure == measure).Runs;
        if (runs is null) _lines.Add((measure, wanted, isLeast, runs = []));
        runs.Add(figure);
    }
}
