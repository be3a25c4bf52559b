namespace CS3103P2P.Fuzz;

/// <summary>What a run did.</summary>
internal sealed record FuzzReport(int Seed, IReadOnlyList<FuzzTarget> Targets, IReadOnlyList<long> Counts, long Total, string? Failure);
