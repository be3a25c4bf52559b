using System.Globalization;

namespace CS3103P2P.Bench;

/// <summary>What was wanted beside what was seen, and whether that is enough.</summary>
internal sealed class Goals
{
    private readonly List<string> _lines = [];

    public void AtLeast(string measure, double wanted, double seen, string unit = "x") => Add(measure, "at least", wanted, seen, unit, seen >= wanted);

    public void AtMost(string measure, double wanted, double seen, string unit = "x") => Add(measure, "at most", wanted, seen, unit, seen <= wanted);

    /// <summary>Prints one line a goal; what could not be measured is left out.</summary>
    public void Print()
    {
        if (_lines.Count == 0) return;
        Console.WriteLine("\n| goal | wanted | seen | |");
        Console.WriteLine("|---|---|---|---|");
        foreach (string line in _lines) Console.WriteLine(line);
    }

    private void Add(string measure, string bound, double wanted, double seen, string unit, bool isReached)
    {
        if (double.IsNaN(seen)) return;
        string verdict = isReached ? "reached" : "MISSED";
        _lines.Add(string.Create(CultureInfo.InvariantCulture, $"| {measure} | {bound} {wanted:0.##} {unit} | {seen:0.00} {unit} | {verdict} |"));
    }
}
