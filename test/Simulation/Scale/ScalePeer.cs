using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>A home of a large swarm. Rates are bytes a second.</summary>
internal sealed class ScalePeer(VirtualHost host, MachineSocket socket, TrackerPort tracker, PeerId id, int kind, double upRate)
{
    /// <summary>Home links have so much more down than up.</summary>
    private const int DownPerUp = 8;

    public VirtualHost Host { get; } = host;

    public MachineSocket Socket { get; } = socket;

    public TrackerPort Tracker { get; private set; } = tracker;

    public PeerId Id { get; } = id;

    /// <summary>The number of its kind of home.</summary>
    public int Kind { get; } = kind;

    public double UpRate { get; } = upRate;

    public double DownRate { get; } = upRate * DownPerUp;

    /// <summary>Its allocation at the relay; null before it is needed.</summary>
    public ScaleRelayClient? Relay { get; set; }

    /// <summary>Not before this the relay is asked again.</summary>
    public MonotonicTime NextRelayTry { get; set; }

    /// <summary>Chunks that it has.</summary>
    public int Have { get; set; }

    /// <summary>Bytes that came.</summary>
    public double Bytes { get; set; }

    /// <summary>Bytes that would have come if all uplinks were open to all.</summary>
    public double BoundBytes { get; set; }

    public bool IsBoundMet { get; set; }

    /// <summary>Whether it came at the beginning, when all came at once.</summary>
    public bool IsOfCrowd { get; init; }

    public MonotonicTime StartedAt { get; init; }

    public MonotonicTime LeavesAt { get; init; }

    public MonotonicTime? LastAnnounce { get; set; }

    /// <summary>Those whom the tracker listed and who were not dialled yet.</summary>
    public Queue<PeerId> Candidates { get; } = new();

    public MonotonicTime? LastLookup { get; set; }

    /// <summary>The question to the tracker that is under way, or the last.</summary>
    public Task Looking { get; set; } = Task.CompletedTask;

    /// <summary>What it downloads over.</summary>
    public List<ScaleConnection> Sources { get; } = [];

    /// <summary>What it serves.</summary>
    public List<ScaleConnection> Sinks { get; } = [];

    /// <summary>When tries to reach those that have gone are given up.</summary>
    public List<MonotonicTime> DeadDials { get; } = [];

    /// <summary>Scratch of the flow: what is left of its links, and what all its sources offer.</summary>
    public double UpLeft { get; set; }

    public double DownLeft { get; set; }

    public double TotalOffered { get; set; }

    /// <summary>Lets go of the product's machines, so that it shows what they took.</summary>
    public void DropClients()
    {
        Tracker = null!;
        Relay = null;
        Looking = Task.CompletedTask;
    }
}
