using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>A home of a large swarm. Rates are bytes a second.</summary>
internal sealed class ScalePeer(VirtualHost host, MachineSocket socket, TrackerPort tracker, double upRate, double downRate)
{
    public VirtualHost Host { get; } = host;

    public MachineSocket Socket { get; } = socket;

    public TrackerPort Tracker { get; } = tracker;

    public double UpRate { get; } = upRate;

    public double DownRate { get; } = downRate;

    /// <summary>Chunks that it has.</summary>
    public int Have { get; set; }

    public double Bytes { get; set; }

    public MonotonicTime StartedAt { get; init; }

    public MonotonicTime LeavesAt { get; set; }
}
