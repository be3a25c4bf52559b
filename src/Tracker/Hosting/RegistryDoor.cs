using CS3103P2P.Tracker.Registry;
using CS3103P2P.Tracker.Udp;
using CS3103P2P.Transport;

namespace CS3103P2P.Tracker.Hosting;

/// <summary>Lets other threads than the sockets' at the registry, one at a time. What happens inside must be short: requests wait meanwhile. Thread-safe.</summary>
internal sealed class RegistryDoor(TrackerCore core, Lock gate, MonotonicClock clock, TimeProvider timeProvider)
{
    /// <summary>The clock of the tracker's timers.</summary>
    public TimeProvider TimeProvider { get; } = timeProvider;

    /// <summary>The registry's time.</summary>
    public MonotonicTime Now => clock.Now;

    /// <summary>Works on the registry; leases that are over have ended.</summary>
    public T Enter<T>(Func<TrackerRegistry, MonotonicTime, T> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        lock (gate)
        {
            MonotonicTime now = clock.Now;
            core.Registry.HandleTimeout(now);
            return work(core.Registry, now);
        }
    }

    /// <summary>Works on the registry; leases that are over have ended.</summary>
    public void Enter(Action<TrackerRegistry, MonotonicTime> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        Enter((registry, now) =>
        {
            work(registry, now);
            return true;
        });
    }

    /// <summary>Forwards an offer that came by way of another tracker.</summary>
    public void Deliver(RemoteOffer offer)
    {
        lock (gate) core.Deliver(offer);
    }
}
