using System.Globalization;
using System.Text;

namespace CS3103P2P.NatLab;

/// <summary>What victims got, what became of registered peers, and how honest ones were served.</summary>
/// <param name="Seconds">How long the flood took.</param>
/// <param name="Rows">One for each kind of datagram.</param>
/// <param name="Changes">What is not as it was before the flood; empty when all is.</param>
/// <param name="Asked">Requests of honest peers during the flood.</param>
/// <param name="Unanswered">Those that got no reply within a second.</param>
/// <param name="MedianMillis">Of the replies to them.</param>
/// <param name="WorstMillis">Of the replies to them.</param>
public sealed record SpoofResult(
    double Seconds, IReadOnlyList<ForgeryRow> Rows, IReadOnlyList<string> Changes, int Asked, int Unanswered, double MedianMillis, double WorstMillis)
{
    /// <summary>The table in Markdown, and the figures below it.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine("| sent in a victim's name | datagrams | bytes sent | bytes the victim got | ratio | allowed |").AppendLine("|---|---|---|---|---|---|");
        foreach (ForgeryRow row in Rows)
        {
            string ratio = row.ReceivedBytes is { } received && row.SentBytes > 0 ? Show((double)received / row.SentBytes) : "-";
            string allowed = row.Limit switch
            {
                ForgeryLimit.ThreeTimes => "3 x",
                ForgeryLimit.FixedRate => $"{Show(row.AllowedBytes)} bytes",
                _ => "-",
            };
            text.AppendLine(CultureInfo.InvariantCulture, $"| {row.Name} | {row.SentDatagrams} | {row.SentBytes} | {Show(row.ReceivedBytes)} | {ratio} | {allowed}{(row.IsTooMuch ? " EXCEEDED" : "")} |");
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"{Rows.Sum(row => row.SentDatagrams)} forged datagrams in {Seconds:0.0} s.");
        text.AppendLine(CultureInfo.InvariantCulture, $"Honest peers meanwhile: {Asked} requests, {Unanswered} without a reply in 1 s; median {MedianMillis:0.0} ms, longest {WorstMillis:0} ms.");
        text.AppendLine(Changes.Count == 0 ? "Entries of others: none changed, none evicted." : "CHANGED: " + string.Join("; ", Changes));
        return text.ToString();
    }

    private static string Show(double ratio) => ratio.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Show(long? bytes) => bytes?.ToString(CultureInfo.InvariantCulture) ?? "-";
}
