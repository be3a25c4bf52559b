using System.Globalization;
using System.Text;

namespace CS3103P2P.Simulation;

/// <summary>Writes what was measured: tables for a document, between two marks in it, and a picture beside it.</summary>
internal sealed class ScaleReport(PairTable pairs, NodeProbe node, IReadOnlyList<ScaleResult> results, IReadOnlyList<ScaleResult> fullRelay)
{
    private const string Begin = "<!-- figures: written by the command -->";
    private const string End = "<!-- end of the figures -->";
    private const double BitsPerMegabyte = 8e-6;

    /// <summary>Puts the tables into a document that has the marks, and the picture beside it.</summary>
    public async Task WriteAsync(string document)
    {
        string text = await File.ReadAllTextAsync(document);
        int begin = text.IndexOf(Begin, StringComparison.Ordinal);
        int end = text.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin) throw new InvalidOperationException($"{document} has no place for the figures.");
        await File.WriteAllTextAsync(document, text[..(begin + Begin.Length)] + "\n" + Tables() + text[end..]);
        await File.WriteAllTextAsync(Path.ChangeExtension(document, ".svg"), Picture());
    }

    /// <summary>All tables.</summary>
    public string Tables() => string.Join('\n', Swarms(), Loads(), Memory(), Pairs());

    private string Swarms()
    {
        var text = new StringBuilder("""
            | peers | downloads | came all at once: median, bound | came later: median, bound | tries to connect | direct | relayed | failed | besides: had left |
            |---|---|---|---|---|---|---|---|---|

            """);
        foreach (ScaleResult one in results.Concat(fullRelay))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {NameOf(one)} | {one.Finished:N0} | {one.CrowdMedianSeconds:F0} s, {one.CrowdBoundSeconds:F0} s | {one.MedianSeconds:F0} s, {one.BoundSeconds:F0} s | {one.Attempts:N0} | {one.DirectShare * 100:F1} % | {one.RelayedShare * 100:F1} % | {one.FailedShare * 100:F1} % | {one.Gone:N0} |");
        }

        return text.ToString();
    }

    private string Loads()
    {
        var text = new StringBuilder("""
            | peers | tracker messages a peer and hour | tracker requests/s, peak | STUN requests/s, peak | relayed | share of all bytes | checks of spare ways | relay, mean and peak | allocations at once |
            |---|---|---|---|---|---|---|---|---|

            """);
        foreach (ScaleResult one in results)
        {
            double mean = one.RelayedBytes / one.Setting.Duration.TotalSeconds * BitsPerMegabyte;
            text.AppendLine(CultureInfo.InvariantCulture, $"| {NameOf(one)} | {one.TrackerMessagesPerPeerHour:N0} | {one.TrackerRequestsPerSecond:N0}, {one.TrackerRequestPeak:N0} | {one.StunRequestsPerSecond:N0}, {one.StunRequestPeak:N0} | {one.RelayedBytes / 1e9:F1} GB | {one.RelayedShareOfBytes * 100:F1} % | {one.UpkeepBytes / 1e9:F2} GB | {mean:N0} and {one.RelayPeakBytesPerSecond * BitsPerMegabyte:N0} Mbit/s | {one.AllocationPeak:N0} |");
        }

        return text.ToString();
    }

    private string Memory()
    {
        var text = new StringBuilder("""
            | managed bytes a peer | tracker | relay | a peer's tracker and TURN clients | simulator: host, NAT, agenda, model |
            |---|---|---|---|---|

            """);
        foreach (ScaleResult one in results)
            text.AppendLine(CultureInfo.InvariantCulture, $"| {NameOf(one)} | {one.Memory.Tracker:N0} | {one.Memory.Relay:N0} | {one.Memory.Clients:N0} | {one.Memory.Simulator:N0} |");
        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"A whole node with {node.Connections:F0} connections, of which most carry data, holds {node.Bytes / 1e6:F1} MB of managed memory, all buffers of uTP included. When idle it asks STUN servers {node.QuestionsPerSecond:F2} times a second; one that downloads, {pairs.QuestionsPerSecond:F2} times.");
        string runs = string.Join(", ", results.Concat(fullRelay).Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.WallSeconds:F0} s")));
        text.AppendLine(CultureInfo.InvariantCulture, $"The runs took {runs}; the process had {Environment.WorkingSet / 1e6:N0} MB at the end.");
        return text.ToString();
    }

    private string Pairs()
    {
        var text = new StringBuilder("| sharer, down; downloader, across |");
        text.AppendJoin(string.Empty, HomeKind.All.Select(kind => $" {kind.Name} |")).AppendLine();
        text.Append("|---|").Insert(text.Length, "---|", HomeKind.All.Count).AppendLine();
        for (int sharer = 0; sharer < HomeKind.All.Count; sharer++)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {HomeKind.All[sharer].Name}, {HomeKind.All[sharer].Share} % |");
            for (int downloader = 0; downloader < HomeKind.All.Count; downloader++) text.Append(CultureInfo.InvariantCulture, $" {Cell(pairs.Of(sharer, downloader))} |");
            text.AppendLine();
        }

        return text.ToString();
    }

    // When the first way worked, and, where that was the relay, when a direct one did; medians.
    private static string Cell(IReadOnlyList<PairOutcome> runs)
    {
        List<double> first = [.. runs.Where(run => run.ConnectedAfter is not null).Select(run => run.ConnectedAfter!.Value)];
        List<double> direct = [.. runs.Where(run => run.DirectAfter is not null).Select(run => run.DirectAfter!.Value)];
        if (first.Count == 0) return "never";
        string text = string.Create(CultureInfo.InvariantCulture, $"{ScaleTotals.Median(first):F1}");
        if (direct.Count == 0) return $"{text}, relay";
        bool isSame = runs.All(run => run.DirectAfter == run.ConnectedAfter);
        string share = direct.Count == runs.Count ? string.Empty : string.Create(CultureInfo.InvariantCulture, $" ({direct.Count * 100 / runs.Count} %)");
        return isSame ? text : string.Create(CultureInfo.InvariantCulture, $"{text}, direct {ScaleTotals.Median(direct):F1}{share}");
    }

    private string NameOf(ScaleResult one)
    {
        string relay = fullRelay.Contains(one) ? string.Create(CultureInfo.InvariantCulture, $", relay of {one.Setting.RelayAllocations:N0}") : string.Empty;
        return string.Create(CultureInfo.InvariantCulture, $"{one.Setting.Peers:N0}{relay}, {one.Setting.Duration.TotalMinutes:F0} min");
    }

    private string Picture()
    {
        return ScaleChart.Draw([
            new("download, seconds", true, [
                Curve("median of those who came later", one => one.MedianSeconds), Curve("their bandwidth bound", one => one.BoundSeconds), Curve("median of those who came all at once", one => one.CrowdMedianSeconds)]),
            new("connections, percent", true, [Curve("direct", one => one.DirectShare * 100), Curve("relayed", one => one.RelayedShare * 100), Curve("failed", one => one.FailedShare * 100)]),
            new("tracker messages a peer and hour", true, [Curve("all", one => one.TrackerMessagesPerPeerHour)]),
            new("requests/s for 1,000 peers", true, [Curve("tracker", one => PerThousand(one, one.TrackerRequestsPerSecond)), Curve("STUN", one => PerThousand(one, one.StunRequestsPerSecond))]),
            new("relay, Mbit/s for 1,000 peers", true, [
                Curve("mean", one => PerThousand(one, one.RelayedBytes / one.Setting.Duration.TotalSeconds * BitsPerMegabyte)),
                Curve("peak", one => PerThousand(one, one.RelayPeakBytesPerSecond * BitsPerMegabyte))]),
            new("allocations at once, a peer", true, [Curve("most", one => (double)one.AllocationPeak / one.Setting.Peers)]),
            new("memory a peer, kB", true, [
                Curve("tracker", one => one.Memory.Tracker / 1e3), Curve("relay", one => one.Memory.Relay / 1e3), Curve("clients", one => one.Memory.Clients / 1e3)]),
            new("pairs connected after so many s, %", false, [Share("any way", run => run.ConnectedAfter), Share("direct", run => run.DirectAfter)]),
        ]);
    }

    private static double PerThousand(ScaleResult one, double value) => value * 1_000 / one.Setting.Peers;

    private ScaleCurve Curve(string name, Func<ScaleResult, double> value) => new(name, [.. results.Select(one => ((double)one.Setting.Peers, value(one)))]);

    // Each pair of kinds counts as often as such homes meet.
    private ScaleCurve Share(string name, Func<PairOutcome, double?> time)
    {
        const double Longest = 5;
        const double Step = 0.1;
        var points = new List<(double, double)>();
        for (double at = 0; at <= Longest; at += Step)
        {
            double share = 0;
            for (int sharer = 0; sharer < HomeKind.All.Count; sharer++)
            {
                for (int downloader = 0; downloader < HomeKind.All.Count; downloader++)
                    share += HomeKind.All[sharer].Share * HomeKind.All[downloader].Share * pairs.Of(sharer, downloader).Average(run => time(run) <= at ? 1.0 : 0) / 100;
            }

            points.Add((at, share));
        }

        return new ScaleCurve(name, points);
    }
}
