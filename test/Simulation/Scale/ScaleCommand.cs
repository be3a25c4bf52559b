namespace CS3103P2P.Simulation;

/// <summary>Measures pairs and nodes on packets, then runs swarms of growing size, and writes tables and curves.</summary>
internal static class ScaleCommand
{
    private const int RunsOfAPair = 10;
    private static readonly int[] Sizes = [100, 1_000, 10_000];

    public static async Task<int> RunAsync(TextWriter output, string? document, int largest = 10_000)
    {
        PairTable pairs = await PairTable.MeasureAsync(RunsOfAPair);
        await output.WriteLineAsync("pairs done");
        NodeProbe node = await NodeProbe.RunAsync(seed: 1);
        await output.WriteLineAsync(node.ToString());
        foreach (int size in Sizes.Where(size => size <= largest))
        {
            await Task.Yield();   // nothing of the run before is on the stack any more
            ScaleResult result = await new ScaleRun(new ScaleSetting(size), pairs, node).RunAsync();
            await output.WriteLineAsync(result.ToString());
        }

        return 0;
    }
}
