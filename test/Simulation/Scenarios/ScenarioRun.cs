using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>Runs one scenario to its end.</summary>
internal static class ScenarioRun
{
    public static async Task<RunResult> RunAsync(Scenario scenario, PlantedBug plant = PlantedBug.None, TextWriter? trace = null, MonotonicTime? until = null, TablePeaks? peaks = null)
    {
        var world = new World(scenario.Seed, trace) { HasBitFlips = scenario.HasBitFlips };
        var swarm = new Swarm(world, scenario, plant);
        var judge = new Judge(world, swarm, scenario, peaks ?? new TablePeaks());
        var faults = new FaultRunner(world, swarm);
        for (int i = 0; i < scenario.Faults.Count; i++)
        {
            if (scenario.HasFault(i)) faults.Schedule(scenario.Faults[i]);
        }

        world.ConsentLost = (name, remote) =>
        {
            if (swarm.Peers.Find(peer => peer.Name == name) is { } peer) judge.Paths.HandleConsentLost(peer, remote);
        };
        judge.Start();
        MonotonicTime limit = new MonotonicTime(0) + scenario.LivenessLimit;
        await world.RunAsync(until < limit ? until.Value : limit, () => judge.IsDone);
        if (world.Violations.Count == 0 && world.Time.Now >= limit) judge.CheckLiveness();
        var result = new RunResult(scenario, world.Violations.Count > 0 ? world.Violations[0] : null, world.Trace.Hash, world.Events, world.Time.Now);
        foreach (SimulatedPeer peer in swarm.Peers) peer.Kill();
        await world.SettleAsync();
        return result;
    }
}
