using System.Globalization;
using System.Text;

namespace CS3103P2P.Simulation;

/// <summary>One line of a chart.</summary>
/// <param name="Name">What it shows.</param>
/// <param name="Points">Its points, in the order of x.</param>
internal sealed record ScaleCurve(string Name, IReadOnlyList<(double X, double Y)> Points);

/// <summary>A chart of a few curves, as a part of an SVG picture.</summary>
/// <param name="Title">What it shows, with the unit of y.</param>
/// <param name="IsLogarithmic">Whether x grows by factors.</param>
/// <param name="Curves">The curves.</param>
internal sealed record ScaleChart(string Title, bool IsLogarithmic, IReadOnlyList<ScaleCurve> Curves)
{
    private const int Width = 270;
    private const int Height = 220;
    private const int Left = 44;
    private const int Top = 54;
    private const int Bottom = 24;
    private const int Right = 14;
    private const int Columns = 4;
    private static readonly string[] Colors = ["steelblue", "darkorange", "seagreen"];

    private double MaxX => Curves.Max(curve => curve.Points.Max(point => Scale(point.X)));

    private double MinX => Curves.Min(curve => curve.Points.Min(point => Scale(point.X)));

    private double MaxY => RoundUp(Curves.Max(curve => curve.Points.Max(point => point.Y)));

    /// <summary>A picture of several charts, in rows.</summary>
    public static string Draw(IReadOnlyList<ScaleChart> charts)
    {
        int rows = (charts.Count + Columns - 1) / Columns;
        var svg = new StringBuilder();
        svg.AppendLine(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width * Columns}\" height=\"{Height * rows}\" font-family=\"sans-serif\" font-size=\"10\">");
        svg.AppendLine("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>");
        for (int i = 0; i < charts.Count; i++)
        {
            svg.AppendLine(CultureInfo.InvariantCulture, $"<g transform=\"translate({i % Columns * Width},{i / Columns * Height})\">");
            charts[i].DrawInto(svg);
            svg.AppendLine("</g>");
        }

        return svg.AppendLine("</svg>").ToString();
    }

    private void DrawInto(StringBuilder svg)
    {
        Text(svg, Left, 14, "start", "black", Title, "font-weight=\"bold\"");
        svg.AppendLine(CultureInfo.InvariantCulture, $"<path d=\"M{Left},{Top} V{Height - Bottom} H{Width - Right}\" fill=\"none\" stroke=\"gray\"/>");
        foreach (double y in (double[])[0, MaxY / 2, MaxY]) Text(svg, Left - 4, Y(y) + 3, "end", "black", y.ToString("#,0.##", CultureInfo.InvariantCulture));
        double[] ticks = IsLogarithmic ? [.. Curves[0].Points.Select(point => point.X)] : [0, MaxX / 2, MaxX];
        foreach (double x in ticks) Text(svg, X(x), Height - Bottom + 14, "middle", "black", x.ToString("#,0.#", CultureInfo.InvariantCulture));
        for (int i = 0; i < Curves.Count; i++)
        {
            string points = string.Join(' ', Curves[i].Points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{X(point.X):F1},{Y(point.Y):F1}")));
            svg.AppendLine(CultureInfo.InvariantCulture, $"<polyline points=\"{points}\" fill=\"none\" stroke=\"{Colors[i]}\" stroke-width=\"2\"/>");
            Text(svg, Left, 26 + (12 * i), "start", Colors[i], Curves[i].Name);
        }
    }

    private static void Text(StringBuilder svg, double x, double y, string anchor, string color, string text, string more = "") =>
        svg.AppendLine(CultureInfo.InvariantCulture, $"<text x=\"{x:F0}\" y=\"{y:F0}\" text-anchor=\"{anchor}\" fill=\"{color}\" {more}>{text}</text>");

    private double Scale(double x) => IsLogarithmic ? Math.Log10(x) : x;

    private double X(double x) => Left + ((Scale(x) - MinX) / Math.Max(MaxX - MinX, 1e-9) * (Width - Left - Right));

    private double Y(double y) => Height - Bottom - (y / MaxY * (Height - Top - Bottom));

    // 1, 2 or 5 times a power of ten.
    private static double RoundUp(double value)
    {
        if (value <= 0) return 1;
        double power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        double[] steps = [1, 2, 5, 10];
        return steps.First(step => step * power >= value * 0.999) * power;
    }
}
