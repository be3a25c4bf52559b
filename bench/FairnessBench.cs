namespace CS3103P2P.Bench;

/// <summary>How uTP shares a line with TCP and with itself.</summary>
internal static class FairnessBench
{
    public static Task RunAsync(BenchOptions options) => Task.CompletedTask;
}
