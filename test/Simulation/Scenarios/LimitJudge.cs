using CS3103P2P.Peer;
using CS3103P2P.Stun;
using CS3103P2P.Stun.Ice;
using CS3103P2P.Tracker.Registry;
using CS3103P2P.Transport;
using CS3103P2P.Transport.Utp;

namespace CS3103P2P.Simulation;

/// <summary>Holds every table and queue that can be seen from outside against its named limit.</summary>
internal sealed class LimitJudge(World world, Swarm swarm)
{
    private const string Invariant = "tables stay within their limits";
    private static readonly UtpOptions UtpDefaults = new();
    private static readonly TurnServerOptions TurnDefaults = new() { SharedSecret = VirtualRelay.Secret };
    private static readonly RegistryLimits Registry = new();

    public void Look()
    {
        foreach (SimulatedPeer peer in swarm.Peers)
        {
            if (peer.Program?.Services is { } services) CheckNode(peer.Name, services);
        }

        CheckTracker();
        CheckRelay();
    }

    private void CheckNode(string name, NodeServices services)
    {
        Check(name, "connections", services.Connections.Count, services.Options.MaxConnections);
        StunMultiplexer stun = services.Addresses.Stun.Multiplexer;
        Check(name, "STUN transactions", stun.TransactionCount, StunMultiplexer.MaxTransactions);
        Check(name, "STUN agents", stun.AgentCount, StunMultiplexer.MaxAgents);
        int agents = 0;
        foreach ((_, IceAgent? agent) in services.Traversal.Ice.Connections)
        {
            agents++;
            if (agent is not null) Check(name, "ICE pairs", agent.PairCount, IcePairTable.MaxPairs);
        }

        Check(name, "ICE agents", agents, services.Options.MaxConnections);
        if (services.Utp is not { } utp) return;
        UtpConnection[] connections = utp.GetConnections();
        Check(name, "uTP connections", connections.Length, UtpDefaults.MaxConnections);
        foreach (UtpConnection connection in connections)
        {
            Check(name, "bytes to send", connection.Outgoing.UsedBytes, UtpDefaults.SendBufferBytes);
            Check(name, "bytes received", connection.Incoming.UsedBytes, UtpDefaults.ReceiveWindowBytes);
        }
    }

    private void CheckTracker()
    {
        if (swarm.Tracker.Core is not { } core) return;
        TrackerRegistry registry = core.Registry;
        Check("tracker", "files", registry.FileCount, Registry.MaxFiles);
        Check("tracker", "entries", registry.EntryCount, Registry.MaxEntries);
        Check("tracker", "unproven entries", registry.UnprovenEntryCount, Registry.MaxUnprovenEntries);
        Check("tracker", "runs", registry.RunCount, Registry.MaxRuns);
        Check("tracker", "entries of registrants", registry.EntryCount, (long)registry.RegistrantCount * registry.FileCount);
        Check("tracker", "accounts of sources", registry.SourceCount, registry.RegistrantCount);
    }

    private void CheckRelay()
    {
        if (swarm.Servers.Relay is not { } relay) return;
        Check("relay", "allocations", relay.AllocationCount, TurnDefaults.MaxAllocations);
        Check("relay", "open ports", relay.PortCount, relay.AllocationCount);
        int users = swarm.Peers.Count;
        Check("relay", "allocations of its users", relay.AllocationCount, (long)users * TurnDefaults.MaxAllocationsPerUser);
    }

    private void Check(string who, string what, long count, long limit)
    {
        if (count > limit) world.Violate(Invariant, $"{who} has {count} {what}, and {limit} is the limit");
    }
}
