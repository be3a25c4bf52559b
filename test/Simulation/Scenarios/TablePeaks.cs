using System.Globalization;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>How full each table ever was, over all peers and runs. A limit may be put in place of the product's, to prove that it would be missed.</summary>
/// <param name="planted">The table, and its limit here; null for the product's own limits.</param>
internal sealed class TablePeaks((string Table, long Limit)? planted = null)
{
    private readonly Dictionary<string, TableUse> _peaks = new(StringComparer.Ordinal);

    /// <summary>Takes what is in a table; returns the limit that counts.</summary>
    public long Note(TableUse table)
    {
        if (!_peaks.TryGetValue(table.Table, out TableUse peak) || table.Count > peak.Count) _peaks[table.Table] = table;
        return planted is { } wrong && wrong.Table == table.Table ? wrong.Limit : table.Limit;
    }

    /// <summary>One line a table.</summary>
    public IEnumerable<string> Describe() =>
        _peaks.Values.OrderBy(peak => peak.Table, StringComparer.Ordinal).Select(peak => string.Create(CultureInfo.InvariantCulture, $"table '{peak.Table}' held {peak.Count} of {peak.Limit}"));
}
