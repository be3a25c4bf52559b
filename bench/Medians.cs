using System.Globalization;

namespace CS3103P2P.Bench;

/// <summary>A Markdown table whose figures are medians of the runs added to a line; for benchmarks whose columns <see cref="Table"/> does not have.</summary>
internal sealed class Medians(string title, params string[] columns)
{
    private readonly List<(string Name, List<double[]> Runs)> _lines = [];

    /// <summary>Adds one run; NaN stands for a figure that the line does not have.</summary>
    public void Add(string name, params double[] figures)
    {
        if (figures.Length != columns.Length) throw new ArgumentException($"{columns.Length} figures are wanted.", nameof(figures));
        List<double[]>? runs = _lines.Find(line => line.Name == name).Runs;
        if (runs is null) _lines.Add((name, runs = []));
        runs.Add(figures);
    }

    public void Print()
    {
        if (_lines.Count == 0) return;
        Console.WriteLine($"\n{title}; medians of {_lines.Max(line => line.Runs.Count)}");
        Console.WriteLine($"| line | {string.Join(" | ", columns)} |");
        Console.WriteLine($"|---|{string.Concat(Enumerable.Repeat("---|", columns.Length))}");
        foreach ((string name, List<double[]> runs) in _lines)
        {
            IEnumerable<string> cells = columns.Select((_, column) => Show(Of(runs.Select(run => run[column]))));
            Console.WriteLine($"| {name} | {string.Join(" | ", cells)} |");
        }
    }

    /// <summary>A column of all runs of the first line.</summary>
    public IEnumerable<double> Column(string column) => _lines[0].Runs.Select(run => run[Array.IndexOf(columns, column)]);

    /// <summary>The middle one; the upper of two. NaN when there is none.</summary>
    public static double Of(IEnumerable<double> figures)
    {
        double[] sorted = [.. figures.Where(double.IsFinite).Order()];
        return sorted.Length == 0 ? double.NaN : sorted[sorted.Length / 2];
    }

    private static string Show(double figure) => double.IsNaN(figure)
        ? "-"
        : figure.ToString(Math.Abs(figure) >= 100 ? "0" : "0.00", CultureInfo.InvariantCulture);
}
