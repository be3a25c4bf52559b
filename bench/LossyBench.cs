namespace CS3103P2P.Bench;

/// <summary>What uTP gets out of long and lossy lines, against the kernel's TCP over the same ones.</summary>
internal static class LossyBench
{
    public static Task RunAsync(BenchOptions options) => Task.CompletedTask;
}
