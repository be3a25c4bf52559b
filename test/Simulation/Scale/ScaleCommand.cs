using System.Globalization;
using System.Text;

namespace CS3103P2P.Simulation;

/// <summary>Runs swarms of growing size, prints a table for docs/scale.md and draws docs/scale.svg.</summary>
internal static class ScaleCommand
{
    private const int Width = 640;
    private const int Height = 320;
    private const int Margin = 60;
    private static readonly int[] Sizes = [100, 1_000, 10_000];

    public static async Task<int> RunAsync(TextWriter output, string? picture, int largest = 10_000)
    {
        await output.WriteLineAsync("| peers | finished | median download | if all fetched at once | tracker messages a peer and hour | requests a second | direct | relay needed | bytes a peer | run |");
        await output.WriteLineAsync("|---|---|---|---|---|---|---|---|---|---|");
        var results = new List<ScaleResult>();
        foreach (int size in Sizes.Where(size => size <= largest))
        {
            ScaleResult result = await new ScaleRun(size, seed: 1).RunAsync();
            results.Add(result);
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"| {result.Peers:N0} | {result.Finished:N0} | {result.MedianSeconds:F0} s | {result.BoundSeconds:F0} s | {result.TrackerMessagesPerPeerHour:F0} | {result.TrackerRequestsPerSecond:F1} | {result.DirectShare:P0} | {result.RelayedShare:P0} | {result.BytesPerPeer:N0} | {result.WallSeconds:F0} s |"));
        }

        if (picture is not null) await File.WriteAllTextAsync(picture, Draw(results));
        return 0;
    }

    private static string Draw(List<ScaleResult> results)
    {
        var svg = new StringBuilder();
        svg.AppendLine(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{Height}\" font-family=\"sans-serif\" font-size=\"12\">");
        svg.AppendLine("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>");
        Curve(svg, results, result => result.MedianSeconds / result.BoundSeconds, "steelblue", "median download time / time if all fetched at once", 20);
        Curve(svg, results, result => result.TrackerMessagesPerPeerHour / results[0].TrackerMessagesPerPeerHour, "darkorange", "tracker messages a peer and hour (100 peers = 1)", 36);
        Curve(svg, results, result => (double)result.BytesPerPeer / results[0].BytesPerPeer, "seagreen", "memory a peer (100 peers = 1)", 52);
        foreach (ScaleResult result in results)
            svg.AppendLine(CultureInfo.InvariantCulture, $"<text x=\"{X(result):F0}\" y=\"{Height - 20}\" text-anchor=\"middle\">{result.Peers:N0} peers</text>");
        return svg.AppendLine("</svg>").ToString();
    }

    private static void Curve(StringBuilder svg, List<ScaleResult> results, Func<ScaleResult, double> value, string color, string title, int titleY)
    {
        const double Highest = 3;
        string points = string.Join(' ', results.Select(result => string.Create(
            CultureInfo.InvariantCulture, $"{X(result):F1},{Height - Margin - (Math.Min(Highest, value(result)) / Highest * (Height - (2 * Margin))):F1}")));
        svg.AppendLine(CultureInfo.InvariantCulture, $"<polyline points=\"{points}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/>");
        svg.AppendLine(CultureInfo.InvariantCulture, $"<text x=\"{Margin}\" y=\"{titleY}\" fill=\"{color}\">{title}: {string.Join(", ", results.Select(result => value(result).ToString("F2", CultureInfo.InvariantCulture)))}</text>");
    }

    private static double X(ScaleResult result) => Margin + ((Math.Log10(result.Peers) - 2) / 2 * (Width - (2 * Margin)));
}
