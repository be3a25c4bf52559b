using System.Diagnostics.Metrics;
using CS3103P2P.Tracker.Udp;

namespace CS3103P2P.Tracker.Hosting;

/// <summary>Shows the tracker's figures as the meter <c>CS3103P2P.Tracker</c>.</summary>
internal sealed class TrackerMeter : IDisposable
{
    private readonly Meter _meter = new("CS3103P2P.Tracker");

    public TrackerMeter(TrackerCore core)
    {
        TrackerCounters counters = core.Counters;
        _meter.CreateObservableCounter("cs3103p2p.tracker.requests", () => counters.Requests, "{datagram}", "Datagrams received.");
        _meter.CreateObservableCounter("cs3103p2p.tracker.replies", () => counters.Replies, "{datagram}", "Replies made.");
        _meter.CreateObservableCounter("cs3103p2p.tracker.errors", () => counters.Errors, "{datagram}", "Replies that were errors.");
        _meter.CreateObservableCounter("cs3103p2p.tracker.challenges", () => counters.Challenges, "{datagram}", "Replies that asked for a cookie.");
        _meter.CreateObservableCounter("cs3103p2p.tracker.limited", () => counters.Limited, "{datagram}", "Requests left unanswered because their source sent too many.");
        _meter.CreateObservableCounter("cs3103p2p.tracker.offers", () => counters.Forwarded, "{datagram}", "Connection offers forwarded.");
        _meter.CreateObservableGauge("cs3103p2p.tracker.files", () => core.Registry.FileCount, "{file}", "Files registered.");
        _meter.CreateObservableGauge("cs3103p2p.tracker.entries", () => core.Registry.EntryCount, "{entry}", "Entries: one peer's chunks of one file.");
        _meter.CreateObservableGauge("cs3103p2p.tracker.peers", () => core.Registry.RegistrantCount, "{peer}", "Programs that hold a lease.");
    }

    public void Dispose() => _meter.Dispose();
}
