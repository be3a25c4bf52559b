using System.Globalization;
using System.Text;

namespace CS3103P2P.Samples.Tracker;

/// <summary>Prometheus's text format, version 0.0.4. Names follow OpenTelemetry: dots become underscores, units and <c>_total</c> stand at the end.</summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static string Write(IEnumerable<PrometheusFamily> families)
    {
        var text = new StringBuilder();
        foreach (IGrouping<string, PrometheusFamily> same in families.GroupBy(NameOf).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            PrometheusFamily first = same.First();
            PrometheusSeries[] series = [.. same.SelectMany(family => family.Read())];
            if (series.Length == 0) continue;
            string kind = first.IsHistogram ? "histogram" : first.IsCounter ? "counter" : "gauge";
            text.Append(CultureInfo.InvariantCulture, $"# HELP {same.Key} {Escape(first.Instrument.Description ?? string.Empty, inLabel: false)}\n");
            text.Append(CultureInfo.InvariantCulture, $"# TYPE {same.Key} {kind}\n");

            // Two trackers in one process tell the same series; they count together.
            foreach (IGrouping<string, PrometheusSeries> one in series.GroupBy(s => s.Labels))
            {
                if (first.IsHistogram) WriteHistogram(text, same.Key, first.Bounds, one);
                else Line(text, same.Key, one.Key, one.Sum(s => s.Value));
            }
        }

        return text.ToString();
    }

    /// <summary>Tags as they stand between braces.</summary>
    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty) return string.Empty;
        var text = new StringBuilder();
        foreach ((string key, object? value) in tags)
        {
            if (text.Length > 0) text.Append(',');
            text.Append(CultureInfo.InvariantCulture, $"{Name(key)}=\"{Escape(Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty, inLabel: true)}\"");
        }

        return text.ToString();
    }

    private static void WriteHistogram(StringBuilder text, string name, double[] bounds, IEnumerable<PrometheusSeries> series)
    {
        PrometheusSeries[] all = [.. series];
        string labels = all[0].Labels;
        string before = labels.Length == 0 ? string.Empty : labels + ",";
        long count = 0;
        for (int i = 0; i <= bounds.Length; i++)
        {
            count += all.Sum(s => s.Buckets[i]);
            string bound = i == bounds.Length ? "+Inf" : bounds[i].ToString(CultureInfo.InvariantCulture);
            Line(text, name + "_bucket", $"{before}le=\"{bound}\"", count);
        }

        Line(text, name + "_sum", labels, all.Sum(s => s.Value));
        Line(text, name + "_count", labels, count);
    }

    private static void Line(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0) text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }

    private static string NameOf(PrometheusFamily family)
    {
        string name = Name(family.Instrument.Name);
        string unit = family.Instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => string.Empty };
        if (!name.EndsWith(unit, StringComparison.Ordinal)) name += unit;
        return family.IsCounter && !name.EndsWith("_total", StringComparison.Ordinal) ? name + "_total" : name;
    }

    private static string Name(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c == '_' ? c : '_'));

    private static string Escape(string text, bool inLabel)
    {
        string escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return inLabel ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }
}
