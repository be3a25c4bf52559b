using System.Diagnostics;

namespace CS3103P2P.Fuzz;

/// <summary>Feeds all targets in turn until so many executions are done or the time is over.</summary>
internal static class FuzzRun
{
    private const int BatchPerWeight = 100;

    /// <summary>Returns executions of each target, and the first failure.</summary>
    public static FuzzReport Run(IReadOnlyList<FuzzTarget> targets, int seed, long executions, TimeSpan limit)
    {
        long start = Stopwatch.GetTimestamp();
        var mutator = new Mutator(new Random(seed));
        long[] counts = new long[targets.Count];
        long total = 0;
        while (total < executions && Stopwatch.GetElapsedTime(start) < limit)
        {
            for (int i = 0; i < targets.Count; i++)
            {
                FuzzTarget target = targets[i];
                for (int n = target.Weight * BatchPerWeight; n > 0; n--)
                {
                    ReadOnlySpan<byte> input = mutator.Next(target.Corpus);
                    counts[i]++;
                    total++;
                    try
                    {
                        target.Run(input);
                    }
                    catch (Exception e)
                    {
                        return new FuzzReport(seed, targets, counts, total, $"{target.Name}, seed {seed}, input {Convert.ToHexString(input)}: {e}");
                    }
                }
            }
        }

        return new FuzzReport(seed, targets, counts, total, null);
    }
}
