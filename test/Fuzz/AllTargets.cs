namespace CS3103P2P.Fuzz;

/// <summary>Every parser that reads from the network or the disk.</summary>
internal static class AllTargets
{
    public static IReadOnlyList<FuzzTarget> Create() => [.. TrackerTargets.Create(), .. TrackerStateTargets.Create(), .. PeerTargets.Create(), .. StunTargets.Create(), .. StorageTargets.Create(), .. LocalTargets.Create()];
}
