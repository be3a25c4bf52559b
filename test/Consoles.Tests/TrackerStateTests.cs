using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CS3103P2P.Consoles.Tests;

/// <summary>The tracker's console ends, well or badly, and comes back with what it knew.</summary>
[TestClass]
public sealed class TrackerStateTests
{
    private static readonly TimeSpan LoadTime = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan MaxLoss = TimeSpan.FromSeconds(5);   // three between snapshots, the rest to write one on a busy machine
    private static readonly TimeSpan ReplyTimeout = TimeSpan.FromSeconds(1);

    public required TestContext TestContext { get; init; }

    [TestMethod]
    public async Task Tracker_KilledUnderLoad_LosesAFewSecondsAtMost()
    {
        using var workspace = new Workspace();
        int port = Workspace.FreeUdpPort();
        await using ConsoleProcess first = Start(workspace, port);
        await first.WaitForLineAsync("tracker:");

        // Each registration and when it was confirmed.
        var confirmed = new List<(string Name, long At)>();
        using (Socket client = Connect(port))
        {
            long started = Stopwatch.GetTimestamp();
            for (int i = 0; Stopwatch.GetElapsedTime(started) < LoadTime; i++)
            {
                string name = $"file-{i}";
                if (await AskAsync(client, $"REQUEST 4 {name} 1 127.0.0.1") == "RESPONSE OK") confirmed.Add((name, Stopwatch.GetTimestamp()));
            }
        }

        await first.KillAsync();
        long killed = Stopwatch.GetTimestamp();

        await using ConsoleProcess second = Start(workspace, port);
        await second.WaitForLineAsync("tracker:");
        string loaded = await second.WaitForLineAsync("gave back");
        using Socket again = Connect(port);
        int lost = 0;
        TimeSpan oldestLost = TimeSpan.Zero;
        foreach ((string name, long at) in confirmed)
        {
            if (await AskAsync(again, $"REQUEST 7 {name}") == $"RESPONSE {name}") continue;
            lost++;
            TimeSpan age = Stopwatch.GetElapsedTime(at, killed);
            if (age > oldestLost) oldestLost = age;
        }

        TestContext.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"confirmed {confirmed.Count}, lost {lost}; the oldest lost one was confirmed {oldestLost.TotalSeconds:F1} s before the kill. {loaded}"));
        Assert.IsGreaterThan(1_000, confirmed.Count);
        Assert.IsLessThan(confirmed.Count, lost);
        Assert.IsLessThan(MaxLoss, oldestLost, second.Transcript());
    }

    [TestMethod]
    public async Task Tracker_Terminated_LosesNothing()
    {
        using var workspace = new Workspace();
        int port = Workspace.FreeUdpPort();
        await using ConsoleProcess first = Start(workspace, port);
        await first.WaitForLineAsync("tracker:");
        using (Socket client = Connect(port)) Assert.AreEqual("RESPONSE OK", await AskAsync(client, "REQUEST 4 file 1 127.0.0.1"));
        first.Terminate();
        Assert.AreEqual(0, await first.WaitForExitAsync(), first.Transcript());
        Assert.Contains("Stopped.", first.ErrorText);

        await using ConsoleProcess second = Start(workspace, port);
        await second.WaitForLineAsync("tracker:");
        using Socket again = Connect(port);
        Assert.AreEqual("RESPONSE file", await AskAsync(again, "REQUEST 7 file"));
    }

    private static ConsoleProcess Start(Workspace workspace, int port) => ConsoleProcess.Tracker(
        workspace.Folder("tracker"), "--listen", $"127.0.0.1:{port}", "--state", "registry.state", "--set", "limits:entriesPerSource=1000000");

    private static Socket Connect(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }

    private static async Task<string> AskAsync(Socket socket, string request)
    {
        byte[] reply = new byte[1_500];
        using var timeout = new CancellationTokenSource(ReplyTimeout);
        await socket.SendAsync(Encoding.UTF8.GetBytes(request), SocketFlags.None, timeout.Token);
        try
        {
            return Encoding.UTF8.GetString(reply, 0, await socket.ReceiveAsync(reply, SocketFlags.None, timeout.Token));
        }
        catch (OperationCanceledException)
        {
            return string.Empty;
        }
    }
}
