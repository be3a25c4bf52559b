using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>Leaves out faults and peers as long as the same invariant breaks.</summary>
internal static class Shrinker
{
    /// <summary>By how much later than at first the failure may come; a run that goes on is of no use here.</summary>
    private static readonly TimeSpan Longer = TimeSpan.FromSeconds(10);

    /// <summary>The smallest scenario found; null when the given one does not fail.</summary>
    public static async Task<Scenario?> ShrinkAsync(Scenario scenario, PlantedBug plant)
    {
        if ((await ScenarioRun.RunAsync(scenario, plant)).Violation is not { } original) return null;
        MonotonicTime until = original.At + Longer;
        List<string> parts = [.. Enumerable.Range(0, scenario.Faults.Count).Select(i => $"f{i}"), .. Enumerable.Range(1, scenario.Peers.Count - 1).Select(i => $"p{i}")];
        var without = new HashSet<string>();
        for (int size = parts.Count / 2; size >= 1; size /= 2)
        {
            for (int at = 0; at < parts.Count; at += size)
            {
                var tried = new HashSet<string>(without.Concat(parts.Skip(at).Take(size)));
                if (tried.Count == without.Count) continue;
                RunResult result = await ScenarioRun.RunAsync(scenario with { Without = tried }, plant, until: until);
                if (result.Violation?.Invariant == original.Invariant) without = tried;
            }
        }

        return scenario with { Without = without };
    }
}
