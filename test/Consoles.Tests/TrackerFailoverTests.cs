namespace CS3103P2P.Consoles.Tests;

/// <summary>Two trackers, each a process, of which one is killed while a file is on its way.</summary>
[TestClass]
public sealed class TrackerFailoverTests
{
    private const long FileBytes = 24L << 20;

    [TestMethod]
    public async Task Get_TrackerIsKilledDuringTheTransfer_FinishesAndTheNextOneFindsTheFileToo()
    {
        using var workspace = new Workspace();
        string[] addresses = [$"127.0.0.1:{Workspace.FreeUdpPort()}", $"127.0.0.1:{Workspace.FreeUdpPort()}"];
        await using ConsoleProcess first = ConsoleProcess.Tracker(workspace.Folder("tracker1"), "--listen", addresses[0]);
        await using ConsoleProcess second = ConsoleProcess.Tracker(workspace.Folder("tracker2"), "--listen", addresses[1]);
        await first.WaitForLineAsync("tracker:");
        await second.WaitForLineAsync("tracker:");
        string file = Path.Combine(workspace.Folder("original"), "movie.bin");
        string hash = Workspace.WriteRandomFile(file, FileBytes, seed: 5);
        string trackers = string.Join(',', addresses);
        await using ConsoleProcess share = Peer(workspace, "sharer", "share", file, "--tracker", trackers, "--up-limit", "80M");
        await share.WaitForEventAsync("sharing");

        string copy = Path.Combine(workspace.Folder("copy"), "copy.bin");
        await using ConsoleProcess get = Peer(workspace, "copy", "get", "movie.bin", "-o", copy, "--tracker", addresses[0], "--tracker", addresses[1]);
        await get.WaitForEventAsync("progress");
        await first.KillAsync();
        Assert.AreEqual(0, await get.WaitForExitAsync(), get.Transcript());
        Assert.AreEqual(hash, Workspace.Sha256(copy));

        // The sharer may not have noticed yet; who asks the second tracker waits until it has.
        string other = Path.Combine(workspace.Folder("late"), "copy.bin");
        await using ConsoleProcess late = Peer(workspace, "late", "get", "movie.bin", "-o", other, "--tracker", trackers);
        Assert.AreEqual(0, await late.WaitForExitAsync(), late.Transcript());
        Assert.AreEqual(hash, Workspace.Sha256(other));
    }

    private static ConsoleProcess Peer(Workspace workspace, string folder, params string[] arguments) =>
        ConsoleProcess.Peer(workspace.Folder(folder), [.. arguments, "--stun", "off", "--port", "0", "--lan", "off", "--json"]);
}
