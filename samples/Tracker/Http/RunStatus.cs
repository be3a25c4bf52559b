using CS3103P2P.Tracker;

namespace CS3103P2P.Samples.Tracker;

/// <summary>How far the run is. Thread-safe.</summary>
internal sealed class RunStatus(TimeProvider timeProvider, string starting)
{
    private readonly long _started = timeProvider.GetTimestamp();
    private TrackerServer? _server;
    private volatile bool _isStopping;

    /// <summary>The tracker; null before it answers.</summary>
    public TrackerServer? Server
    {
        get => Volatile.Read(ref _server);
        set => Volatile.Write(ref _server, value);
    }

    public TimeSpan Uptime => timeProvider.GetElapsedTime(_started);

    /// <summary>Whether the tracker does all that it should, in words.</summary>
    public TrackerHealth Health =>
        _isStopping ? new TrackerHealth(false, "stopping") : Server?.Health ?? new TrackerHealth(false, starting);

    public void Stop() => _isStopping = true;
}
