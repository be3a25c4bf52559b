using System.Diagnostics.Metrics;

namespace CS3103P2P.Samples.Tracker;

/// <summary>Collects what the meters tell, for <see cref="PrometheusText"/>. Thread-safe.</summary>
internal sealed class PrometheusExport : IDisposable
{
    private const int MaxSeries = 2_000;   // of one instrument

    private readonly MeterListener _listener = new();
    private readonly Lock _gate = new();
    private readonly List<PrometheusFamily> _families = [];

    public PrometheusExport()
    {
        string[] meters = MeterNames.All;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (!meters.Contains(instrument.Meter.Name)) return;
            var family = new PrometheusFamily(instrument, MaxSeries);
            lock (_gate) _families.Add(family);
            listener.EnableMeasurementEvents(instrument, family);
        };
        _listener.MeasurementsCompleted = (_, state) =>
        {
            lock (_gate) _families.Remove((PrometheusFamily)state!);
        };
        _listener.SetMeasurementEventCallback<double>((_, value, tags, state) => ((PrometheusFamily)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<float>((_, value, tags, state) => ((PrometheusFamily)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<long>((_, value, tags, state) => ((PrometheusFamily)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<int>((_, value, tags, state) => ((PrometheusFamily)state!).Record(value, tags));
        _listener.Start();
    }

    /// <summary>All figures as they are now.</summary>
    public string Collect()
    {
        PrometheusFamily[] families;
        lock (_gate) families = [.. _families];
        foreach (PrometheusFamily family in families) family.BeginCollection();
        _listener.RecordObservableInstruments();
        return PrometheusText.Write(families);
    }

    public void Dispose() => _listener.Dispose();
}
