namespace CS3103P2P.Simulation.Tests;

[TestClass]
public sealed class ScaleTests
{
    [TestMethod]
    public async Task Scale_SmallSwarm_WritesFiguresAndPicture()
    {
        string folder = Directory.CreateTempSubdirectory("scale").FullName;
        try
        {
            string document = Path.Combine(folder, "scale.md");
            await File.WriteAllTextAsync(document, "before\n<!-- figures: written by the command -->\nstale\n<!-- end of the figures -->\nafter\n");
            (int exitCode, string output) = await Simulator.RunAsync("scale", document, "100", "1");
            Assert.AreEqual(0, exitCode, output);
            string text = await File.ReadAllTextAsync(document);
            Assert.StartsWith("before\n", text);
            Assert.EndsWith("\nafter\n", text);
            Assert.DoesNotContain("stale", text);
            Assert.DoesNotContain("NaN", text);
            string hard = text.Split('\n').Single(line => line.StartsWith("| symmetric, ", StringComparison.Ordinal));
            Assert.HasCount(3, hard.Split('|').Where(cell => cell.EndsWith(", relay ", StringComparison.Ordinal)).ToArray(), "Two NATs that map by destination need the relay: " + hard);
            string easy = text.Split('\n').Single(line => line.StartsWith("| public, ", StringComparison.Ordinal));
            Assert.DoesNotContain("relay", easy, "A public peer is reached by all.");
            Assert.Contains("<polyline", await File.ReadAllTextAsync(Path.Combine(folder, "scale.svg")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
