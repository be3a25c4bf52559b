using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace CS3103P2P.Consoles.Tests;

/// <summary>What goes wrong ends with a clear message and the promised exit code, and leaves nothing behind.</summary>
[TestClass]
public sealed class FailureTests
{
    [TestMethod]
    [DataRow("")]
    [DataRow("bogus")]
    [DataRow("get")]
    [DataRow("share")]
    [DataRow("ls extra")]
    [DataRow("get x --port 70000")]
    [DataRow("get x --port many")]
    [DataRow("get x --lan maybe")]
    [DataRow("get x --up-limit fast")]
    [DataRow("get x --down-limit 10")]
    [DataRow("get x --unknown")]
    [DataRow("get x --config missing.json")]
    [DataRow("share file --chunk-size 3000")]
    [DataRow("share one two --name n")]
    public async Task Peer_WrongUsage_ExitsWith2(string arguments)
    {
        using var workspace = new Workspace();
        await File.WriteAllTextAsync(Path.Combine(workspace.Folder("here"), "file"), "x");
        await using var peer = ConsoleProcess.Peer(workspace.Folder("here"), arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.AreEqual(2, await peer.WaitForExitAsync(), peer.Transcript());
        Assert.AreNotEqual(string.Empty, peer.ErrorText + peer.OutputText);
    }

    [TestMethod]
    [DataRow("--listen nonsense")]
    [DataRow("--listen 127.0.0.1:99999")]
    [DataRow("--set limits:entries=0")]
    [DataRow("--set limits:entires=5")]
    [DataRow("--http nowhere")]
    [DataRow("--config missing.json")]
    [DataRow("--registry redis:x")]
    [DataRow("extra")]
    public async Task Tracker_WrongUsage_ExitsWith2(string arguments)
    {
        using var workspace = new Workspace();
        await using var tracker = ConsoleProcess.Tracker(workspace.Folder("here"), arguments.Split(' '));
        Assert.AreEqual(2, await tracker.WaitForExitAsync(), tracker.Transcript());
    }

    [TestMethod]
    public async Task Get_UnknownName_SaysSo()
    {
        using var workspace = new Workspace();
        await using var swarm = await Swarm.StartTrackerOnlyAsync(workspace);
        await using ConsoleProcess get = swarm.Run(workspace.Folder("copy"), "get", "nowhere.bin");
        Assert.AreEqual(1, await get.WaitForExitAsync(), get.Transcript());
        Assert.Contains("nowhere.bin", get.ErrorText);
        Assert.IsEmpty(Directory.GetFileSystemEntries(workspace.Folder("copy")));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Get_TrackerSilentOrSpeakingNonsense_SaysSo(bool nonsense)
    {
        using var workspace = new Workspace();
        using var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var stop = new CancellationTokenSource();
        Task answering = nonsense ? AnswerNonsenseAsync(socket, stop.Token) : Task.CompletedTask;
        string address = socket.Client.LocalEndPoint!.ToString()!;

        await using var get = ConsoleProcess.Peer(workspace.Folder("copy"), "get", "x.bin", "--tracker", address, "--stun", "off", "--port", "0");
        Assert.AreEqual(1, await get.WaitForExitAsync(), get.Transcript());
        Assert.Contains(address, get.ErrorText);
        await stop.CancelAsync();
        await answering;
    }

    [TestMethod]
    public async Task Get_NobodyListensWhereTheTrackerSays_NamesThePeerAndExitsWith1()
    {
        using var workspace = new Workspace();
        await using var swarm = await Swarm.StartTrackerOnlyAsync(workspace);
        using (var old = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0)))
        {
            await old.SendAsync("REQUEST 4 gone.bin 1 127.0.0.1 9"u8.ToArray(), IPEndPoint.Parse(swarm.TrackerAddress));
            await old.ReceiveAsync();
        }

        await using ConsoleProcess get = swarm.Get("gone.bin");

        Assert.AreEqual(1, await get.WaitForExitAsync(), get.Transcript());
        Assert.Contains("127.0.0.1:9: nothing answers there", get.ErrorText);
        JsonElement[] failed = [await get.WaitForEventAsync("connect-failed"), (await get.WaitForEventAsync("error")).GetProperty("peers")[0]];
        foreach (JsonElement failure in failed)
        {
            Assert.AreEqual("unreachable", failure.GetProperty("reason").GetString());
            Assert.AreEqual("127.0.0.1:9", failure.GetProperty("address").GetString());
        }
    }

    [TestMethod]
    public async Task Get_SharerKilled_TellsWhileItGoesOnTrying()
    {
        using var workspace = new Workspace();
        await using var swarm = await Swarm.StartAsync(workspace, fileBytes: 100_000, sharers: 1);
        JsonElement sharing = await swarm.Sharers[0].WaitForEventAsync("sharing");
        await swarm.Sharers[0].KillAsync();

        await using ConsoleProcess get = swarm.Get("movie.bin");

        JsonElement failure = await get.WaitForEventAsync("connect-failed");
        Assert.AreEqual(sharing.GetProperty("peer").GetString(), failure.GetProperty("peer").GetString());
        CollectionAssert.Contains(new[] { "no-answer", "offer-not-delivered" }, failure.GetProperty("reason").GetString());
    }

    [TestMethod]
    public async Task Get_TargetExistsWithOtherContent_RefusesAndKeepsIt()
    {
        using var workspace = new Workspace();
        await using var swarm = await Swarm.StartAsync(workspace, fileBytes: 100_000, sharers: 1);
        string target = Path.Combine(workspace.Folder("copy"), "mine.bin");
        await File.WriteAllTextAsync(target, "mine");
        await using ConsoleProcess get = swarm.Run(workspace.Folder("copy"), "get", "movie.bin", "-o", target);
        Assert.AreEqual(1, await get.WaitForExitAsync(), get.Transcript());
        Assert.Contains("mine.bin", get.ErrorText);
        Assert.AreEqual("mine", await File.ReadAllTextAsync(target));
    }

    [TestMethod]
    public async Task Get_FolderThatCannotBeWritten_SaysSo()
    {
        using var workspace = new Workspace();
        await using var swarm = await Swarm.StartAsync(workspace, fileBytes: 100_000, sharers: 1);
        await File.WriteAllTextAsync(Path.Combine(workspace.Folder("copy"), "file"), "a file is no folder");
        await using ConsoleProcess get = swarm.Run(workspace.Folder("copy"), "get", "movie.bin", "-o", Path.Combine("file", "copy.bin"));
        Assert.AreEqual(1, await get.WaitForExitAsync(), get.Transcript());
        Assert.DoesNotContain("   at ", get.ErrorText, "No stack trace.");
    }

    [TestMethod]
    public async Task Share_MissingPath_SaysSo()
    {
        using var workspace = new Workspace();
        await using var swarm = await Swarm.StartTrackerOnlyAsync(workspace);
        await using ConsoleProcess share = swarm.Run(workspace.Folder("here"), "share", "missing.bin");
        Assert.AreEqual(1, await share.WaitForExitAsync(), share.Transcript());
        Assert.Contains("missing.bin", share.ErrorText);
    }

    [TestMethod]
    public async Task Signals_EndEveryConsoleCleanly()
    {
        using var workspace = new Workspace();
        await using var swarm = await Swarm.StartAsync(workspace, fileBytes: 500_000_000, sharers: 1, "4096");
        await using ConsoleProcess get = swarm.Get("movie.bin");
        await get.WaitForEventAsync("progress");
        get.Interrupt();
        Assert.AreEqual(130, await get.WaitForExitAsync(), get.Transcript());

        swarm.Sharers[0].Interrupt();
        Assert.AreEqual(0, await swarm.Sharers[0].WaitForExitAsync(), swarm.Sharers[0].Transcript());

        swarm.Tracker.Terminate();
        Assert.AreEqual(0, await swarm.Tracker.WaitForExitAsync(), swarm.Tracker.Transcript());
    }

    private static async Task AnswerNonsenseAsync(UdpClient socket, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                UdpReceiveResult request = await socket.ReceiveAsync(stop);
                await socket.SendAsync("RESPONSE \u0001\u0002 nonsense id= |||"u8.ToArray(), request.RemoteEndPoint, stop);
            }
        }
        catch (OperationCanceledException)
        {
            // The test has seen what it wanted.
        }
    }
}
