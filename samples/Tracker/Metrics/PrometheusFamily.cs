using System.Diagnostics.Metrics;

namespace CS3103P2P.Samples.Tracker;

/// <summary>One instrument and its series: a counter adds up, a gauge keeps the last, a histogram counts by bounds. Thread-safe.</summary>
internal sealed class PrometheusFamily
{
    private static readonly double[] DefaultBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly Lock _gate = new();
    private readonly Dictionary<string, PrometheusSeries> _series = new(StringComparer.Ordinal);
    private readonly int _maxSeries;

    public PrometheusFamily(Instrument instrument, int maxSeries)
    {
        _maxSeries = maxSeries;
        Instrument = instrument;
        Type definition = instrument.GetType().GetGenericTypeDefinition();
        IsHistogram = definition == typeof(Histogram<>);
        IsCounter = definition == typeof(Counter<>) || definition == typeof(ObservableCounter<>);
        IsSum = IsCounter || definition == typeof(UpDownCounter<>) || definition == typeof(ObservableUpDownCounter<>);
        Bounds = IsHistogram ? [.. (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries ?? DefaultBounds] : [];
    }

    public Instrument Instrument { get; }

    /// <summary>Whether the series only grow.</summary>
    public bool IsCounter { get; }

    public bool IsHistogram { get; }

    /// <summary>Upper bounds of a histogram.</summary>
    public double[] Bounds { get; }

    private bool IsSum { get; }

    /// <summary>Forgets what observed series said: they will tell it all anew.</summary>
    public void BeginCollection()
    {
        if (!Instrument.IsObservable) return;
        lock (_gate) _series.Clear();
    }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string labels = PrometheusText.Labels(tags);
        lock (_gate)
        {
            if (!_series.TryGetValue(labels, out PrometheusSeries? series))
            {
                if (_series.Count == _maxSeries) return;
                _series.Add(labels, series = new PrometheusSeries(labels, new long[Bounds.Length + (IsHistogram ? 1 : 0)]));
            }

            series.Count++;
            series.Value = IsSum || IsHistogram ? series.Value + value : value;
            if (!IsHistogram) return;
            int bound = Array.BinarySearch(Bounds, value);
            series.Buckets[bound < 0 ? ~bound : bound]++;
        }
    }

    /// <summary>A copy of the series, in the order of their labels.</summary>
    public PrometheusSeries[] Read()
    {
        lock (_gate) return [.. _series.Values.Select(series => series.Copy()).OrderBy(series => series.Labels, StringComparer.Ordinal)];
    }
}
