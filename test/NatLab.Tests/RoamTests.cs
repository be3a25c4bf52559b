namespace CS3103P2P.NatLab.Tests;

/// <summary>
/// Transfers between the real consoles that go on although addresses change, mappings vanish and lines die. With CS3103P2P_LONG_LAB=1 they move 200 MB.
/// </summary>
[TestClass]
public sealed class RoamTests
{
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(5);

    private static bool IsLong => Environment.GetEnvironmentVariable("CS3103P2P_LONG_LAB") == "1";

    [TestMethod]
    [DataRow(NatKind.PortRestricted, NatKind.PortRestricted, DisplayName = "UDP")]
    [DataRow(NatKind.None, NatKind.PortRestricted, DisplayName = "TCP")]
    [DataRow(NatKind.Symmetric, NatKind.Symmetric, DisplayName = "relay")]
    public async Task Move_RenumberedFlushedAndCut_GoesOnWithinSeconds(NatKind sharer, NatKind downloader)
    {
        if (!IsLong && sharer == NatKind.Symmetric) Assert.Inconclusive("Set CS3103P2P_LONG_LAB=1 for this one; what it needs is tested in virtual time too.");

        RoamResult result = await RunAsync(() => IsLong ? RoamScenarios.MoveAsync(sharer, downloader, 200, "25M") : RoamScenarios.MoveAsync(sharer, downloader, 24, "12M"));

        Console.WriteLine(result);
        foreach ((string name, TimeSpan time) in result.Recoveries) Assert.IsLessThanOrEqualTo(Recovery, time, $"{name}: {result}");
    }

    [TestMethod]
    public async Task Get_BehindTheSameRouterWithoutHairpin_TakesTheLan() =>
        Assert.DoesNotContain("relay", await RunAsync(() => RoamScenarios.ShareLanAsync()));

    [TestMethod]
    [DataRow(false, "relay")]
    [DataRow(true, "utp")]
    public async Task Get_BehindTheSameCarrier_IsDirectWithHairpinOnly(bool hairpin, string way) =>
        Assert.Contains(way, await RunAsync(() => RoamScenarios.ShareCarrierAsync(hairpin)));

    [TestMethod]
    public async Task Get_TrackerKilledMeanwhile_GoesOnToTheEnd() =>
        Assert.AreEqual("utp 8.4 MB", await RunAsync(() => RoamScenarios.LoseTrackerAsync(8, "10M")));

    [TestMethod]
    public async Task Get_WithoutTrackerStunAndInternet_FindsThePeerOnTheLan() =>
        Assert.DoesNotContain("relay", await RunAsync(() => RoamScenarios.ShareByMdnsAsync()));

    [TestMethod]
    public async Task Get_DirectWayComesAndGoes_FollowsItWithoutLosingAByte()
    {
        RoamResult result = await RunAsync(() => RoamScenarios.MoveToDirectAndBackAsync(16, "12M"));

        Console.WriteLine(result);
        Assert.Contains("relay", result.Ways);
        Assert.Contains("utp", result.Ways);
        Assert.IsLessThanOrEqualTo(Recovery, result.Recoveries[^1].Recovery, $"{result}");
    }

    // The consoles are run as they are shipped; `./test.sh` has built them.
    private static async Task<T> RunAsync<T>(Func<Task<T>> scenario)
    {
        TestLab.RequireLab();
        if (!ConsoleLab.IsBuilt) Assert.Inconclusive("The consoles are not built.");
        return await scenario();
    }
}
