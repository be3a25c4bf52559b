using System.Diagnostics.Metrics;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Udp;

namespace CS3103P2P.Tracker.Hosting;

/// <summary>Shows the tracker's figures as the meter <c>CS3103P2P.Tracker</c>. docs/operations.md lists them.</summary>
internal sealed class TrackerMeter : IDisposable
{
    private static readonly double[] DurationBounds = [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1];

    private readonly Meter _meter = new("CS3103P2P.Tracker");
    private readonly Histogram<double> _batches;

    public TrackerMeter() => _batches = _meter.CreateHistogram(
        "cs3103p2p.tracker.batch.duration", "s", "From the arrival of a batch of requests to its last reply.", tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = DurationBounds });

    /// <summary>Begins to show the figures of a tracker.</summary>
    public void Show(TrackerCore core, Func<TrackerTraffic> traffic)
    {
        TrackerCounters counters = core.Counters;
        Counter("requests", "{request}", "Requests, by flag or verb.", () => TrackerCounters.Kinds.Select((kind, i) => Tagged(counters.RequestsByKind[i], "kind", kind)));
        Counter("replies", "{datagram}", "Replies made.", () => counters.Replies);
        Counter("errors", "{datagram}", "Replies that were errors, by code.", () => TrackerCounters.ErrorCodes.Select((code, i) => Tagged(counters.ErrorsByCode[i], "code", Name(code))));
        Counter("challenges", "{datagram}", "Replies that asked for a cookie.", () => counters.Challenges);
        Counter("limited", "{datagram}", "Requests left unanswered because their source sent too many.", () => counters.Limited);
        Counter("offers", "{datagram}", "Connection offers forwarded.", () => counters.Forwarded);
        Counter("datagrams.received", "{datagram}", "Datagrams received on the ports for requests.", () => traffic().DatagramsReceived);
        Counter("receive.batches", "{batch}", "Batches in which they were received.", () => traffic().ReceiveBatches);
        Counter("sends.dropped", "{datagram}", "Datagrams that the system did not take.", () => traffic().SendsDropped);
        Counter("stun.requests", "{datagram}", "Datagrams received on the ports for STUN.", () => traffic().StunRequests);
        Counter("stun.limited", "{datagram}", "STUN and TURN requests left unanswered because their source sent too many.", () => traffic().StunLimited);
        Counter("relay.bytes", "By", "Bytes relayed, in both directions.", () => traffic().RelayedBytes);
        Gauge("relay.allocations", "{allocation}", "Peers that the relay serves.", () => traffic().RelayAllocations);
        Gauge("files", "{file}", "Files registered.", () => core.Registry.FileCount);
        Gauge("entries", "{entry}", "Entries: one peer's chunks of one file.", () => core.Registry.EntryCount);
        Gauge("peers", "{peer}", "Programs that hold a lease.", () => core.Registry.RegistrantCount);
        Gauge("ready", "1", "1 when the tracker does all that it should, otherwise 0.", () => traffic().IsReady ? 1 : 0);
        Gauge("snapshot.age", "s", "Since the last good snapshot was begun; -1 when there is none.", () => traffic().SnapshotAgeSeconds);
    }

    /// <summary>A batch of requests was answered.</summary>
    public void RecordBatch(TimeSpan took) => _batches.Record(took.TotalSeconds);

    public void Dispose() => _meter.Dispose();

    private static Measurement<long> Tagged(long value, string key, string tag) => new(value, new KeyValuePair<string, object?>(key, tag));

    private static string Name(TrackerErrorCode code) => ((int)code).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private void Counter(string name, string unit, string description, Func<long> read) =>
        _meter.CreateObservableCounter($"cs3103p2p.tracker.{name}", read, unit, description);

    private void Counter(string name, string unit, string description, Func<IEnumerable<Measurement<long>>> read) =>
        _meter.CreateObservableCounter($"cs3103p2p.tracker.{name}", read, unit, description);

    private void Gauge(string name, string unit, string description, Func<double> read) =>
        _meter.CreateObservableGauge($"cs3103p2p.tracker.{name}", read, unit, description);
}
