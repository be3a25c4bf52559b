using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace CS3103P2P.Consoles.Tests;

/// <summary>A tracker and sharers of one file, each a process, on loopback.</summary>
internal sealed class Swarm : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Workspace _workspace;
    private readonly string _trackerAddress = $"127.0.0.1:{Workspace.FreeUdpPort()}";
    private readonly List<ConsoleProcess> _sharers = [];
    private ConsoleProcess? _tracker;
    private string _sha256 = string.Empty;

    private Swarm(Workspace workspace) => _workspace = workspace;

    public ConsoleProcess Tracker => _tracker!;

    public string TrackerAddress => _trackerAddress;

    public IReadOnlyList<ConsoleProcess> Sharers => _sharers;

    public static async Task<Swarm> StartTrackerOnlyAsync(Workspace workspace)
    {
        var swarm = new Swarm(workspace);
        await swarm.StartTrackerAsync();
        return swarm;
    }

    public static async Task<Swarm> StartAsync(Workspace workspace, long fileBytes, int sharers, string? chunkSize = null)
    {
        Swarm swarm = await StartTrackerOnlyAsync(workspace);
        string file = Path.Combine(workspace.Folder("original"), "movie.bin");
        swarm._sha256 = Workspace.WriteRandomFile(file, fileBytes, seed: 20261121);
        string[] chunking = chunkSize is null ? [] : ["--chunk-size", chunkSize];
        for (int i = 0; i < sharers; i++)
        {
            swarm._sharers.Add(swarm.Run(workspace.Folder($"sharer{i}"), ["share", file, .. chunking]));
        }

        foreach (ConsoleProcess sharer in swarm._sharers) await sharer.WaitForEventAsync("sharing");
        return swarm;
    }

    public async Task StartTrackerAsync()
    {
        if (_tracker is not null) await _tracker.DisposeAsync();
        _tracker = ConsoleProcess.Tracker(_workspace.Folder("tracker"), "--listen", _trackerAddress);
        await _tracker.WaitForLineAsync(_trackerAddress);
    }

    /// <summary>Runs a peer command with this swarm's tracker.</summary>
    public ConsoleProcess Run(string workingDirectory, params string[] arguments) => ConsoleProcess.Peer(workingDirectory, [.. arguments, .. Common()]);

    /// <summary>Starts sharing, and waits until that many shares are announced.</summary>
    public async Task<ConsoleProcess> ShareAsync(string[] arguments, int shares)
    {
        ConsoleProcess share = Run(_workspace.Folder("sharer"), ["share", .. arguments]);
        await share.WaitForEventAsync("sharing", nth: shares);
        return share;
    }

    public ConsoleProcess Get(string name, string into = "copy") =>
        Run(_workspace.Folder(into), "get", name, "-o", Copy(into));

    public void AssertFetched(string into = "copy") => Assert.AreEqual(_sha256, Workspace.Sha256(Copy(into)));

    /// <summary>Waits until the tracker lists the file with that many peers.</summary>
    public async Task WaitUntilListedAsync(string name, int peers)
    {
        long started = Stopwatch.GetTimestamp();
        string transcript = string.Empty;
        while (Stopwatch.GetElapsedTime(started) < Patience)
        {
            await using ConsoleProcess find = Run(_workspace.Folder("find"), "find", name);
            if (await find.WaitForExitAsync() == 0)
            {
                JsonElement file = await find.WaitForEventAsync("file");
                if (file.GetProperty("peers").GetInt32() >= peers) return;
            }

            transcript = find.Transcript();
        }

        Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"{name} was not listed with {peers} peers.\n{transcript}"));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ConsoleProcess sharer in _sharers) await sharer.DisposeAsync();
        if (_tracker is not null) await _tracker.DisposeAsync();
    }

    private string Copy(string into) => Path.Combine(_workspace.Folder(into), "copy.bin");

    private string[] Common() => ["--tracker", _trackerAddress, "--stun", "off", "--port", "0", "--json"];
}
