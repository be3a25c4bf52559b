namespace CS3103P2P.NatLab.Tests;

/// <summary>What a host that forges source addresses can do with the real tracker, its STUN and its relay. With CS3103P2P_LONG_LAB=1 for a minute.</summary>
[TestClass]
public sealed class SpoofTests
{
    private const int Rate = 14_000;

    // Of several hundred requests on a machine with other work.
    private const double MaxUnanswered = 0.05;

    public required TestContext TestContext { get; init; }

    [TestMethod]
    public async Task Flood_InTheNamesOfOthers_SendsThemLittleAndChangesNothing()
    {
        TestLab.RequireLab();
        if (!ConsoleLab.IsTrackerBuilt) Assert.Inconclusive("The tracker's console is not built.");
        bool isLong = Environment.GetEnvironmentVariable("CS3103P2P_LONG_LAB") == "1";
        int seed = Random.Shared.Next();

        SpoofResult result = await SpoofScenario.RunAsync(isLong ? 60 : 4, Rate, seed);

        string table = $"seed {seed}\n{result}";
        TestContext.WriteLine(table);
        Assert.IsEmpty(result.Rows.Where(row => row.IsTooMuch), table);
        Assert.IsEmpty(result.Changes, table);
        Assert.IsEmpty(result.Rows.Where(row => row.SentDatagrams == 0), table);
        Assert.IsGreaterThan(50, result.Asked, table);
        Assert.IsLessThanOrEqualTo(result.Asked * MaxUnanswered, (double)result.Unanswered, table);

        // The flood did arrive, and a literal list that needs several packets does too.
        Assert.IsGreaterThan(ForgedSender.MaxPayloadBytes, result.Rows.Single(row => row.Name == "literal: flag 1").ReceivedBytes ?? 0, table);
        ForgeryRow[] answered = [.. result.Rows.Where(row => row.Name.StartsWith("extension", StringComparison.Ordinal) || row.Name.StartsWith("STUN", StringComparison.Ordinal))];
        Assert.IsEmpty(answered.Where(row => row.ReceivedBytes is null or 0), table);
    }
}
