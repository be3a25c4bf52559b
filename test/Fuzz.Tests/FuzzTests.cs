using System.Globalization;

namespace CS3103P2P.Fuzz.Tests;

[TestClass]
public sealed class FuzzTests
{
    private const int FixedSeed = 1;
    private const long Executions = 300_000;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(4);

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void AllParsers_FixedSeed_NeitherThrowNorAcceptNonsense() => Run(FixedSeed);

    [TestMethod]
    public void AllParsers_FreshSeed_NeitherThrowNorAcceptNonsense() => Run(Random.Shared.Next());

    [TestMethod]
    public void Run_ParserThatThrows_IsReportedWithSeedAndInput()
    {
        var broken = new FuzzTarget("broken", input => Check.That(!input.Contains((byte)'%'), "percent"), ["a=b c=d"u8.ToArray()]);
        FuzzReport report = FuzzRun.Run([broken], FixedSeed, Executions, Limit);
        Assert.IsNotNull(report.Failure);
        Assert.Contains("broken, seed 1, input ", report.Failure);
    }

    [TestMethod]
    public void AllTargets_EveryInputOfTheCorpus_IsTaken()
    {
        foreach (FuzzTarget target in AllTargets.Create())
        {
            Assert.IsNotEmpty(target.Corpus, target.Name);
            foreach (byte[] input in target.Corpus) target.Run(input);
        }
    }

    private void Run(int seed)
    {
        FuzzReport report = FuzzRun.Run(AllTargets.Create(), seed, Executions, Limit);
        TestContext.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {report.Total:N0} executions of {report.Targets.Count} parsers"));
        Assert.IsNull(report.Failure);
        Assert.IsGreaterThan(0, report.Total);
    }
}
