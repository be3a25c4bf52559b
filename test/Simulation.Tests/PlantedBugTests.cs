namespace CS3103P2P.Simulation.Tests;

[TestClass]
public sealed class PlantedBugTests
{
    // Few peers make a run short, and let the faults hit each of them more often.
    private const string Peers = "8";

    [TestMethod]
    [DataRow("AckOffByOne", "only what arrived is acknowledged")]
    [DataRow("ForgetsRegistration", "the living are listed")]
    [DataRow("JournalBeforeData", "what counts as verified is right", 31, "--faults", "CutPower")]
    [DataRow("TrustsChunks", "what counts as verified is right")]
    [DataRow("ImmortalLeases", "the dead are forgotten")]
    [DataRow("AnnouncesTooMuch", " listed")]
    [DataRow("ConsentNeverAsked", " way ")]
    [DataRow("AnswersOfferedAddress", "a direct way is found")]
    [DataRow("RelayForgetsChannels", "a way that works is kept", 361)]   // rare: the first is 368
    public async Task Run_PlantedBug_IsFoundWithinFiveHundredSeeds(string bug, string found, int first = 1, params string[] more)
    {
        const int Last = 500;
        (int exitCode, string output) = await Simulator.RunAsync(
            ["run", "--seeds", Simulator.Range(first, Last - first + 1), "--peers", Peers, "--plant", bug, .. more]);
        Assert.AreEqual(1, exitCode, output);
        Assert.Contains(found, output);
        Assert.Contains($"--plant {bug}", output);
    }
}
