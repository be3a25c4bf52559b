namespace CS3103P2P.Simulation;

/// <summary>What the pair lab measured for each two kinds of homes, sharer first.</summary>
internal sealed class PairTable
{
    private readonly PairOutcome[][][] _outcomes;

    private PairTable(PairOutcome[][][] outcomes) => _outcomes = outcomes;

    /// <summary>All runs of a pair.</summary>
    public IReadOnlyList<PairOutcome> Of(int sharer, int downloader) => _outcomes[sharer][downloader];

    /// <summary>All runs.</summary>
    public IEnumerable<PairOutcome> All => _outcomes.SelectMany(row => row).SelectMany(cell => cell);

    /// <summary>Questions to STUN servers of a node that has just started to download, and of one that goes on, a second.</summary>
    public double FirstQuestions => All.Average(outcome => outcome.FirstQuestions);

    public double QuestionsPerSecond => All.Average(outcome => outcome.QuestionsPerSecond);

    /// <summary>One of the outcomes of a pair.</summary>
    public PairOutcome Draw(int sharer, int downloader, Random random)
    {
        PairOutcome[] cell = _outcomes[sharer][downloader];
        return cell[random.Next(cell.Length)];
    }

    /// <summary>Runs every pair so many times.</summary>
    public static async Task<PairTable> MeasureAsync(int runs)
    {
        int kinds = HomeKind.All.Count;
        var outcomes = new PairOutcome[kinds][][];
        int seed = 0;
        for (int sharer = 0; sharer < kinds; sharer++)
        {
            outcomes[sharer] = new PairOutcome[kinds][];
            for (int downloader = 0; downloader < kinds; downloader++)
            {
                outcomes[sharer][downloader] = new PairOutcome[runs];
                for (int run = 0; run < runs; run++) outcomes[sharer][downloader][run] = await PairLab.RunAsync(HomeKind.All[sharer], HomeKind.All[downloader], ++seed);
            }
        }

        return new PairTable(outcomes);
    }
}
