using System.Text;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Registry;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>Looks at a swarm all the time and says what must not be.</summary>
internal sealed class Judge(World world, Swarm swarm, Scenario scenario, TablePeaks peaks)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LeaseGrace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(75);
    private bool _isDeadListed;
    private readonly LimitJudge _limits = new(world, swarm, peaks);

    /// <summary>Watches the ways between peers.</summary>
    public PathJudge Paths { get; } = new(world, swarm);

    /// <summary>Whether everybody who can have got what was wanted has it, the dead are forgotten, and the living are listed.</summary>
    public bool IsDone { get; private set; }

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
        _limits.Look();
        Paths.Look();
        CheckEntries();
        if (world.Time.Now > At(scenario.FaultsEnd) + Quiet) CheckRegistered();
        IsDone = world.Time.Now >= At(scenario.FaultsEnd) + scenario.Calm
            && swarm.Peers.TrueForAll(peer => !IsWaited(peer) || peer.Plan.Wants.All(peer.Finished.ContainsKey))
            && !_isDeadListed && FindUnlisted() is null;
        world.Time.Schedule(Period, Look);
    }

    private void CheckStreams()
    {
        if (!scenario.HasBitFlips && world.Pairs.FindFalseAcknowledgement() is { } pipe)
            world.Violate("only what arrived is acknowledged", $"the stream with {pipe.RemoteAddress}");
    }

    private void CheckEntries()
    {
        _isDeadListed = false;
        if (swarm.Tracker.Core is not { } core) return;
        foreach (SharedFact fact in scenario.Files)
        {
            foreach (string name in fact.TrackerNames)
            {
                if (core.Registry.FindFile(Encoding.UTF8.GetBytes(name)) is not { } file) continue;
                for (int slot = 0; slot < file.Entries.SlotCount; slot++)
                {
                    if (file.Entries.At(slot) is { Owner.Key.IsProven: true } entry && swarm.Find(entry.Owner.Key.Peer) is { } owner) CheckEntry(fact, entry, owner);
                }
            }
        }
    }

    private void CheckEntry(SharedFact fact, SwarmEntry entry, SimulatedPeer owner)
    {
        _isDeadListed |= owner.DeadSince is not null;
        if (owner.DeadSince is { } since && world.Time.Now - since > scenario.Lease + LeaseGrace)
            world.Violate("the dead are forgotten", $"{owner.Name} is listed for {fact.Name} and dead since {since.Micros / 1_000_000} s");
        if (entry.Owner.Key.Source.AddressBits == Attackers()) return;
        if (!owner.Host.HasBeenAt(entry.Owner.Listed.ToIPv4Bits()))
            world.Violate("nobody changes another's entry", $"{owner.Name} is listed at {entry.Owner.Listed}");
        ChunkSet had = owner.LedgerOf(fact).Ever;
        foreach (ChunkRange run in entry.Chunks.Runs)
        {
            if (!had.Contains(run)) world.Violate("an entry tells the truth", $"{owner.Name} is listed with chunks {run.First} to {run.End - 1} of {fact.Name}");
        }
    }

    // An attacker may say that it is somebody; that makes it an entry of its own, at its own address.
    private UInt128 Attackers() => swarm.Peers.Find(peer => peer.Plan.Kind == PeerKind.Attacker)?.Host.Address.AddressBits ?? UInt128.Zero;

    private void CheckRegistered()
    {
        if (FindUnlisted() is not { } unlisted || world.Time.Now - unlisted.Since < Quiet) return;
        world.Violate("the living are listed", $"{unlisted.Peer.Name} has all of {unlisted.Fact.Name}, and the tracker does not say so");
    }

    // The one that has waited for longest.
    private (SimulatedPeer Peer, SharedFact Fact, MonotonicTime Since)? FindUnlisted()
    {
        (SimulatedPeer, SharedFact, MonotonicTime Since)? longest = null;
        foreach (SimulatedPeer peer in swarm.Peers.Where(peer => peer.Plan.Kind is PeerKind.Honest && !swarm.IsGone(peer)))
        {
            if (peer.Program is not { } program) continue;
            foreach ((SharedFact fact, string name) in program.Registered)
            {
                if (IsListed(peer, fact, name)) continue;
                MonotonicTime since = peer.Finished.GetValueOrDefault(fact);
                if (longest is not { } found || since < found.Since) longest = (peer, fact, since);
            }
        }

        return longest;
    }

    private bool IsListed(SimulatedPeer peer, SharedFact fact, string name)
    {
        if (fact.ChunkCount == 0) return true;
        return swarm.Tracker.Core is { } core && core.Registry.FindFile(Encoding.UTF8.GetBytes(name)) is { } file && core.Registry.FindPeer(peer.Id)
            .Any(registrant => registrant.Entries.TryGetValue(file, out SwarmEntry entry) && entry.Chunks.Count == fact.ChunkCount);
    }
}
