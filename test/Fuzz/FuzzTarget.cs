namespace CS3103P2P.Fuzz;

/// <summary>Takes one input. It must not throw, and what it accepts must make sense.</summary>
internal delegate void FuzzInput(ReadOnlySpan<byte> input);

/// <summary>A parser and inputs to begin with.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Run">Feeds it.</param>
/// <param name="Corpus">Right inputs.</param>
/// <param name="Weight">Its share of the executions; slow parsers have a small one.</param>
internal sealed record FuzzTarget(string Name, FuzzInput Run, IReadOnlyList<byte[]> Corpus, int Weight = 10);
