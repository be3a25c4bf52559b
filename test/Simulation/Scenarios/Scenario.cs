namespace CS3103P2P.Simulation;

/// <summary>All that a seed stands for.</summary>
internal sealed record Scenario
{
    public required int Seed { get; init; }

    public required IReadOnlyList<SharedFact> Files { get; init; }

    public required IReadOnlyList<PeerPlan> Peers { get; init; }

    public required IReadOnlyList<Fault> Faults { get; init; }

    /// <summary>Afterwards everything works again.</summary>
    public required TimeSpan FaultsEnd { get; init; }

    /// <summary>How long it goes on after that, at least.</summary>
    public TimeSpan Calm { get; init; } = TimeSpan.FromSeconds(20);

    public required bool HasBitFlips { get; init; }

    /// <summary>The longest lease that the tracker grants; runs must be longer than it.</summary>
    public required TimeSpan Lease { get; init; }

    /// <summary>Whether there is a relay; without one, the first peer is public.</summary>
    public required bool HasRelay { get; init; }

    /// <summary>Indices of faults (<c>f3</c>) and peers (<c>p4</c>) that are left out.</summary>
    public IReadOnlySet<string> Without { get; init; } = new HashSet<string>();

    /// <summary>When every download must have ended: what the slowest reachable source needs to send all, four times over, and pauses.</summary>
    public TimeSpan LivenessLimit
    {
        get
        {
            long wanted = Peers.Sum(peer => peer.Wants.Sum(file => file.SizeBytes));
            long slowest = Peers.Min(peer => peer.Link.UpBytesPerSecond);
            return FaultsEnd + TimeSpan.FromSeconds(240) + TimeSpan.FromSeconds(4.0 * wanted / slowest);
        }
    }

    public bool HasPeer(int index) => !Without.Contains($"p{index}");

    public bool HasFault(int index) => !Without.Contains($"f{index}");

    /// <summary>A few lines for a person.</summary>
    public void Describe(TextWriter writer)
    {
        writer.WriteLine($"seed {Seed}: {Peers.Count} peers, {Files.Count} files of {string.Join(", ", Files.Select(file => $"{file.SizeBytes}/{file.ChunkSize}"))} bytes, faults until {FaultsEnd.TotalSeconds} s, {(HasRelay ? "a" : "no")} relay");
        for (int i = 0; i < Peers.Count; i++)
        {
            if (!HasPeer(i)) continue;
            PeerPlan peer = Peers[i];
            writer.WriteLine($"  p{i} {peer.Kind}, shares {peer.Shares.Count}, wants {peer.Wants.Count}, {(peer.Nat is { } nat ? $"home {peer.Home}: {nat.Mapping}/{nat.Filtering} NAT, {nat.Ports} ports" : "public")}{(peer.HasTracker ? "" : ", tickets only")}");
        }

        for (int i = 0; i < Faults.Count; i++)
        {
            if (HasFault(i)) writer.WriteLine($"  f{i} {Faults[i]}");
        }
    }
}
