namespace CS3103P2P.Simulation;

/// <summary>Managed bytes a peer, by what they belong to.</summary>
/// <param name="Tracker">The tracker's registry, tables and queues.</param>
/// <param name="Relay">The relay's allocations.</param>
/// <param name="Clients">A peer's tracker client and TURN client.</param>
/// <param name="Simulator">Hosts, NATs, agenda, and the model of flows.</param>
internal sealed record ScaleMemory(long Tracker, long Relay, long Clients, long Simulator);
