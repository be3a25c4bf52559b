namespace CS3103P2P.Simulation.Tests;

[TestClass]
public sealed class LimitTests
{
    // Whoever puts a limit in place of the product's that is too small must be told so: the judge sees the tables, and sees them filled.
    [TestMethod]
    [DataRow("allocations", 2)]
    [DataRow("permissions of an allocation", 0)]
    [DataRow("strangers' offers", 0)]
    [DataRow("exchanges with the tracker", 1)]
    [DataRow("sources whose requests are limited", 3)]
    [DataRow("bytes of chunks in flight", 1_000)]
    public async Task Run_LimitBelowWhatATableHolds_IsAViolation(string table, int limit)
    {
        (int exitCode, string output) = await Simulator.RunAsync("run", "--seeds", "1..20", "--peers", "8", "--limit", $"{table}={limit}");
        Assert.AreEqual(1, exitCode, output);
        Assert.Contains("tables stay within their limits", output);
        Assert.Contains($"'{table}', and {limit} is the limit", output);
    }

    [TestMethod]
    public async Task Run_Tables_AreToldWithTheirLimits()
    {
        (int exitCode, string output) = await Simulator.RunAsync("run", "--seeds", "1..3", "--peers", "8", "--tables");
        Assert.AreEqual(0, exitCode, output);
        foreach (string table in (string[])["unproven ICE sessions", "early checks", "offers waiting", "replies waiting", "frames waiting", "pieces waiting", "TURN peers", "bytes of spare buffers"])
            Assert.Contains($"table '{table}' held ", output);
    }
}
