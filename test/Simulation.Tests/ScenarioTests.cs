namespace CS3103P2P.Simulation.Tests;

[TestClass]
public sealed class ScenarioTests
{
    // `test.sh` names its fresh seeds before it runs the tests, since passing tests show no output.
    private const string FreshSeedVariable = "CS3103P2P_FRESH_SEED";
    private const int FixedSeeds = 10;
    private const int FreshSeeds = 10;
    private const string FreshSeconds = "15";   // on a busy machine not all of them run
    private const int LastSeed = 1_000_000_000;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task Run_FixedSeeds_KeepEveryInvariant() => await CheckAsync(Simulator.Range(1, FixedSeeds));

    [TestMethod]
    public async Task Run_FreshSeeds_KeepEveryInvariant() => await CheckAsync(Simulator.Range(FreshSeed(), FreshSeeds), "--within", FreshSeconds);

    // Seeds that once found something, by what it was.
    [TestMethod]
    [DataRow(50, DisplayName = "A tracker restarted between two reports of chunks")]
    [DataRow(196, DisplayName = "A late answer confirmed what came after it")]
    [DataRow(154, DisplayName = "A forged literal reply made a peer doubt its tracker")]
    public async Task Run_SeedOfAnOldBug_KeepsEveryInvariant(int seed) => await CheckAsync(Simulator.Range(seed, 1));

    [TestMethod]
    public async Task Run_SameSeedsInTwoProcesses_AreTheSameBitForBit()
    {
        string[] hashes = new string[2];
        for (int i = 0; i < hashes.Length; i++)
        {
            string[] command = ["run", "--seeds", "30..34", "--hashes"];
            (int exitCode, string output) = i == 0 ? await Simulator.RunInNewProcessAsync(command) : await Simulator.RunAsync(command);   // whatever ran there before
            Assert.AreEqual(0, exitCode, output);
            hashes[i] = string.Join('\n', output.Split('\n').Where(line => line.Contains(" hash ", StringComparison.Ordinal)));
        }

        Assert.AreEqual(5, hashes[0].Split('\n').Length);
        Assert.AreEqual(hashes[0], hashes[1]);
    }

    [TestMethod]
    public async Task Shrink_PlantedBug_LeavesASmallerScenarioThatFailsAlike()
    {
        (_, string output) = await Simulator.RunAsync("shrink", "2", "--plant", "TrustsChunks");
        Assert.Contains("--without", output);
        string without = output.Split("--without ")[1].Split(' ')[0];
        Assert.IsGreaterThan(10, without.Split(',').Length, output);
        (int exitCode, string replay) = await Simulator.RunAsync("replay", "2", "--plant", "TrustsChunks", "--without", without);
        Assert.AreEqual(1, exitCode, replay);
        Assert.Contains("what counts as verified is right", replay);
    }

    private static int FreshSeed() =>
        int.TryParse(Environment.GetEnvironmentVariable(FreshSeedVariable), out int seed) && seed is >= 0 and < LastSeed ? seed : Random.Shared.Next(LastSeed);

    private async Task CheckAsync(string seeds, params string[] more)
    {
        TestContext.WriteLine($"seeds {seeds}");
        (int exitCode, string output) = await Simulator.RunAsync(["run", "--seeds", seeds, .. more]);
        TestContext.WriteLine(output);
        Assert.AreEqual(0, exitCode, $"seeds {seeds}: {output}");
    }
}
