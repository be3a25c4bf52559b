using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>How a run went.</summary>
internal sealed record RunResult(Scenario Scenario, Violation? Violation, ulong TraceHash, long Events, MonotonicTime End);
