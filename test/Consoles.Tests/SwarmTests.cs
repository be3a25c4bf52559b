using System.Diagnostics;
using System.Text.Json;

namespace CS3103P2P.Consoles.Tests;

/// <summary>Whole transfers between console processes, some of which are killed on the way.</summary>
[TestClass]
public sealed class SwarmTests
{
    private const long FileBytes = 200_000_000;

    // Small chunks, so that a transfer over loopback lasts long enough to be disturbed in its middle.
    private const string ChunkSize = "16384";

    [TestMethod]
    public async Task Get_FromTwoSharers_BothServeChunks()
    {
        using var workspace = new Workspace();
        await using Swarm swarm = await Swarm.StartAsync(workspace, FileBytes, sharers: 2);

        await using ConsoleProcess get = swarm.Get("movie.bin");
        Assert.AreEqual(0, await get.WaitForExitAsync(), get.Transcript());

        JsonElement done = await get.WaitForEventAsync("done");
        JsonElement[] peers = [.. done.GetProperty("peers").EnumerateArray()];
        Assert.HasCount(2, peers, get.Transcript());
        Assert.IsTrue(peers.All(peer => peer.GetProperty("verifiedBytes").GetInt64() > FileBytes / 20), get.Transcript());
        swarm.AssertFetched();
    }

    [TestMethod]
    public async Task Get_OneSharerKilledMidway_Completes()
    {
        using var workspace = new Workspace();
        await using Swarm swarm = await Swarm.StartAsync(workspace, FileBytes, sharers: 2, ChunkSize);

        await using ConsoleProcess get = swarm.Get("movie.bin");
        await get.WaitForEventAsync("progress", IsPast(0.1));
        await swarm.Sharers[0].KillAsync();

        Assert.AreEqual(0, await get.WaitForExitAsync(), get.Transcript());
        swarm.AssertFetched();
    }

    [TestMethod]
    public async Task Get_KilledAtHalfAndRunAgain_FetchesOnlyWhatWasMissing()
    {
        using var workspace = new Workspace();
        await using Swarm swarm = await Swarm.StartAsync(workspace, FileBytes, sharers: 2, ChunkSize);

        long before;
        await using (ConsoleProcess first = swarm.Get("movie.bin"))
        {
            await first.WaitForEventAsync("progress", IsPast(0.4));
            await first.KillAsync();
            JsonElement last = first.EventsSoFar().Last(e => e.GetProperty("event").GetString() == "progress");
            before = last.GetProperty("verifiedBytes").GetInt64();
            Assert.IsLessThan(FileBytes, before, "The transfer had ended before it was killed.");
        }

        await using ConsoleProcess second = swarm.Get("movie.bin");
        Assert.AreEqual(0, await second.WaitForExitAsync(), second.Transcript());
        long fetched = (await second.WaitForEventAsync("done")).GetProperty("fetchedBytes").GetInt64();
        Assert.IsLessThanOrEqualTo(FileBytes - before + (FileBytes / 100), fetched, $"{before} bytes were verified before the kill.");
        swarm.AssertFetched();
    }

    [TestMethod]
    public async Task Get_TrackerKilledAndRestartedMidway_GoesOnAndSharersRegisterAgain()
    {
        using var workspace = new Workspace();
        await using Swarm swarm = await Swarm.StartAsync(workspace, FileBytes, sharers: 2, ChunkSize);

        await using ConsoleProcess get = swarm.Get("movie.bin");
        await get.WaitForEventAsync("progress", IsPast(0.1));
        await swarm.Tracker.KillAsync();
        await swarm.StartTrackerAsync();
        Assert.AreEqual(0, await get.WaitForExitAsync(), get.Transcript());
        swarm.AssertFetched();

        await swarm.WaitUntilListedAsync("movie.bin", peers: 2);
        await using ConsoleProcess later = swarm.Get("movie.bin", into: "later");
        Assert.AreEqual(0, await later.WaitForExitAsync(), later.Transcript());
        swarm.AssertFetched("later");
    }

    [TestMethod]
    public async Task Get_OneOfThreeSharersServesWrongBytes_CompletesAndNamesTheLiar()
    {
        using var workspace = new Workspace();
        await using Swarm swarm = await Swarm.StartAsync(workspace, 20_000_000, sharers: 2, ChunkSize);
        string damaged = Path.Combine(workspace.Folder("liar"), "movie.bin");
        Workspace.WriteRandomFile(damaged, 20_000_000, seed: 20261121);
        await using ConsoleProcess liar = await swarm.ShareAsync([damaged, "--chunk-size", ChunkSize], 1);
        string liarId = (await liar.WaitForEventAsync("sharing")).GetProperty("peer").GetString()!;

        // Its disk rots after it hashed the file: the same length and time, other bytes. (Not by .NET, which honours the sharer's lock.)
        string rot = Path.Combine(workspace.Folder("rot"), "movie.bin");
        Workspace.WriteRandomFile(rot, 20_000_000, seed: 1);
        File.SetLastWriteTimeUtc(rot, File.GetLastWriteTimeUtc(damaged));
        using (Process copy = Process.Start("cp", ["--preserve=timestamps", rot, damaged])) await copy.WaitForExitAsync();

        await using ConsoleProcess get = swarm.Get("movie.bin");
        Assert.AreEqual(0, await get.WaitForExitAsync(), get.Transcript());
        swarm.AssertFetched();
        Assert.Contains($"{liarId[..8]}", get.ErrorText, get.Transcript());
        Assert.Contains("banned", get.ErrorText, get.Transcript());
        JsonElement done = await get.WaitForEventAsync("done");
        Assert.IsFalse(done.GetProperty("peers").EnumerateArray().Any(peer => peer.GetProperty("peer").GetString() == liarId), get.Transcript());
    }

    private static Func<JsonElement, bool> IsPast(double share) =>
        e => e.GetProperty("verifiedBytes").GetInt64() > share * e.GetProperty("totalBytes").GetInt64();
}
