using CS3103P2P.Tracker.Hosting;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Tracker;

/// <summary>
/// Keeps the registry of a tracker in step with those of other trackers; <c>CS3103P2P.Tracker.Postgres</c> has one. The tracker answers from memory all
/// the same, and goes on while the others cannot be reached. One object serves one tracker.
/// </summary>
public abstract class TrackerReplication : IAsyncDisposable
{
    /// <summary>Only the product derives.</summary>
    internal TrackerReplication()
    {
    }

    /// <summary>Whether the tracker knows what the others know. Thread-safe.</summary>
    public abstract TrackerHealth Health { get; }

    /// <summary>Tells what is left to tell, as far as that is possible, and stops. The tracker that it serves calls this when it ends.</summary>
    public abstract ValueTask DisposeAsync();

    /// <summary>Starts to replicate; returns when the registry has caught up, or when that takes too long, and then goes on trying.</summary>
    internal abstract Task StartAsync(RegistryDoor door, ILogger logger, CancellationToken cancellationToken);
}
