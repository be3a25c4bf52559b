using CS3103P2P.Peer;
using CS3103P2P.Peer.Discovery;
using CS3103P2P.Tracker.Registry;
using CS3103P2P.Tracker.Udp;
using CS3103P2P.Transport;
using CS3103P2P.Transport.Utp;

namespace CS3103P2P.Simulation;

/// <summary>Holds every table, queue and buffer of nodes, tracker and relay against its named limit, which its owner tells with it.</summary>
internal sealed class LimitJudge(World world, Swarm swarm, TablePeaks peaks)
{
    public const string Invariant = "tables stay within their limits";
    private static readonly UtpOptions UtpDefaults = new();
    private static readonly RegistryLimits Registry = new();

    public void Look()
    {
        foreach (SimulatedPeer peer in swarm.Peers)
        {
            if (peer.Program?.Services is { } services) Check(peer.Name, TablesOf(services));
        }

        if (swarm.Tracker.Core is { } core) Check("tracker", TablesOf(core));
        if (swarm.Servers.Relay is not { } relay) return;
        Check("relay", relay.Tables);
        Check("relay", [new TableUse("open ports", relay.PortCount, relay.AllocationCount)]);
    }

    /// <summary>All tables of a node.</summary>
    private static IEnumerable<TableUse> TablesOf(NodeServices node)
    {
        IEnumerable<TableUse> tables =
        [
            new("connections", node.Connections.Count, node.Options.MaxConnections),
            .. node.Connections.Tables, .. node.Addresses.Stun.Multiplexer.Tables, .. node.Traversal.Ice.Tables,
        ];
        if (node.Tracker is TrackerClient client) tables = tables.Concat(client.Tables);
        return node.Utp is { } utp ? tables.Concat(TablesOf(utp.GetConnections())) : tables;
    }

    private static IEnumerable<TableUse> TablesOf(UtpConnection[] connections) =>
    [
        new("uTP connections", connections.Length, UtpDefaults.MaxConnections),
        .. connections.Select(connection => new TableUse("bytes to send", connection.Outgoing.UsedBytes, UtpDefaults.SendBufferBytes)),
        .. connections.Select(connection => new TableUse("bytes received", connection.Incoming.UsedBytes, UtpDefaults.ReceiveWindowBytes)),
    ];

    private static IEnumerable<TableUse> TablesOf(TrackerCore core)
    {
        TrackerRegistry registry = core.Registry;
        return
        [
            .. core.Tables, new("files", registry.FileCount, Registry.MaxFiles), new("entries", registry.EntryCount, Registry.MaxEntries),
            new("unproven entries", registry.UnprovenEntryCount, Registry.MaxUnprovenEntries), new("runs", registry.RunCount, Registry.MaxRuns),
            new("entries of registrants", registry.EntryCount, (long)registry.RegistrantCount * registry.FileCount),
            new("accounts of sources", registry.SourceCount, registry.RegistrantCount),
        ];
    }

    private void Check(string who, IEnumerable<TableUse> tables)
    {
        foreach (TableUse table in tables)
        {
            long limit = peaks.Note(table);
            if (table.Count > limit) world.Violate(Invariant, $"{who} has {table.Count} in '{table.Table}', and {limit} is the limit");
        }
    }
}
