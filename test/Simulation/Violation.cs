using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>An invariant that did not hold.</summary>
/// <param name="Invariant">Its short name.</param>
/// <param name="Details">Who, what.</param>
/// <param name="At">When.</param>
internal sealed record Violation(string Invariant, string Details, MonotonicTime At);
