using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Registry;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>Looks at a swarm all the time and says what must not be.</summary>
internal sealed class Judge(World world, Swarm swarm, Scenario scenario)
{
    private const int MaxConnections = 512;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan LeaseGrace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(75);
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(30);

    /// <summary>Until when a run goes on at least: dead entries must have ended, and live ones stand.</summary>
    public MonotonicTime Earliest => At(scenario.FaultsEnd) + Lease + LeaseGrace + Settled;

    /// <summary>Whether everybody who can have got what was wanted has it.</summary>
    public bool IsDone => world.Time.Now >= Earliest && swarm.Peers.TrueForAll(peer => !IsWaited(peer) || peer.Plan.Wants.All(peer.Finished.ContainsKey));

    public void Start() => world.Time.Schedule(Period, Look);

    /// <summary>After the run: whoever has not got it by now never will.</summary>
    public void CheckLiveness()
    {
        foreach (SimulatedPeer peer in swarm.Peers.Where(IsWaited))
        {
            foreach (SharedFact fact in peer.Plan.Wants.Where(fact => !peer.Finished.ContainsKey(fact)))
                world.Violate("every download ends", $"{peer.Name} has {peer.LedgerOf(fact).Ever.Count} chunks of {fact.Name}");
        }
    }

    private static MonotonicTime At(TimeSpan time) => new MonotonicTime(0) + time;

    private bool IsWaited(SimulatedPeer peer) => peer.Plan.Kind is PeerKind.Honest && !swarm.IsGone(peer);

    private void Look()
    {
        CheckStreams();
        CheckLimits();
        CheckEntries();
        if (world.Time.Now > At(scenario.FaultsEnd) + Quiet) CheckRegistered();
        world.Time.Schedule(Period, Look);
    }

    private void CheckStreams()
    {
        if (!scenario.HasBitFlips && world.Pairs.FindFalseAcknowledgement() is { } pipe)
            world.Violate("only what arrived is acknowledged", $"the stream with {pipe.RemoteAddress}");
    }

    private void CheckLimits()
    {
        foreach (SimulatedPeer peer in swarm.Peers)
        {
            if (peer.Program is { } program && (program.ConnectionCount > MaxConnections || program.UtpConnectionCount > MaxConnections))
                world.Violate("tables stay within their limits", $"{peer.Name} has {program.UtpConnectionCount} connections");
        }
    }

    private void CheckEntries()
    {
        if (swarm.Tracker.Core is not { } core) return;
        foreach (SharedFact fact in scenario.Files)
        {
            if (core.Registry.FindFile(System.Text.Encoding.UTF8.GetBytes(fact.Name)) is not { } file) continue;
            for (int slot = 0; slot < file.Entries.SlotCount; slot++)
            {
                if (file.Entries.At(slot) is { Owner.Key.IsProven: true } entry && swarm.Find(entry.Owner.Key.Peer) is { } owner) CheckEntry(fact, entry, owner);
            }
        }
    }

    private void CheckEntry(SharedFact fact, SwarmEntry entry, SimulatedPeer owner)
    {
        if (owner.DeadSince is { } since && world.Time.Now - since > Lease + LeaseGrace)
            world.Violate("the dead are forgotten", $"{owner.Name} is listed for {fact.Name} and dead since {since.Micros / 1_000_000} s");
        if (entry.Owner.Key.Source.AddressBits == Attackers()) return;
        if (!owner.Host.Addresses.Contains(entry.Owner.Listed.ToIPv4Bits()))
            world.Violate("nobody changes another's entry", $"{owner.Name} is listed at {entry.Owner.Listed}");
        ChunkSet had = owner.LedgerOf(fact).Ever;
        foreach (ChunkRange run in entry.Chunks.Runs)
        {
            if (!had.Contains(run)) world.Violate("an entry tells the truth", $"{owner.Name} is listed with chunks {run.First} to {run.End - 1} of {fact.Name}");
        }
    }

    // An attacker may say that it is somebody; that makes it an entry of its own, at its own address.
    private UInt128 Attackers() => swarm.Peers.Find(peer => peer.Plan.Kind == PeerKind.Attacker)?.Host.LocalAddress.AddressBits ?? UInt128.Zero;

    private void CheckRegistered()
    {
        foreach (SimulatedPeer peer in swarm.Peers.Where(peer => peer.Program is not null && peer.Plan.Kind is PeerKind.Honest))
        {
            foreach (SharedFact fact in peer.Plan.Shares) CheckRegistered(peer, fact);
            foreach ((SharedFact fact, MonotonicTime at) in peer.Finished)
            {
                if (world.Time.Now - at > Quiet) CheckRegistered(peer, fact);
            }
        }
    }

    private void CheckRegistered(SimulatedPeer peer, SharedFact fact)
    {
        if (swarm.Tracker.Core is not { } core || fact.Descriptor is not { } descriptor || descriptor.ChunkCount == 0) return;
        byte[] name = System.Text.Encoding.UTF8.GetBytes(fact.Name);
        bool stands = core.Registry.FindFile(name) is { } file && core.Registry.FindPeer(peer.Id)
            .Any(registrant => registrant.Entries.TryGetValue(file, out SwarmEntry entry) && entry.Chunks.Count == descriptor.ChunkCount);
        if (!stands) world.Violate("the living are listed", $"{peer.Name} has all of {fact.Name}, and the tracker does not say so");
    }
}
