using System.Net;
using System.Net.Sockets;
using System.Text;
using CS3103P2P.Protocol;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Tracker.Tests.Hosting;

/// <summary>The registry outlives the tracker, on a real disk.</summary>
[TestClass]
public sealed class SnapshotKeeperTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly string _folder = Directory.CreateTempSubdirectory("p2p-state-").FullName;
    private readonly ListLog _log = new();

    public required TestContext TestContext { get; init; }

    private string State => Path.Combine(_folder, "registry.state");

    [TestCleanup]
    public void Clean() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public async Task StartAsync_AfterAStop_KnowsWhatItKnew()
    {
        await using (TrackerServer first = await StartAsync())
        {
            Assert.AreEqual("RESPONSE OK", await AskAsync(first, "REQUEST 4 test.txt 1 203.0.113.5"));
            Assert.AreEqual("RESPONSE OK", await AskAsync(first, "REQUEST 3 test.txt 7 203.0.113.6"));
        }

        await using TrackerServer second = await StartAsync();
        string[] entries = (await AskAsync(second, "REQUEST 1 test.txt"))["RESPONSE ".Length..].Split('|', StringSplitOptions.RemoveEmptyEntries);
        CollectionAssert.AreEquivalent(new[] { "test.txt 1 203.0.113.5 6881", "test.txt 7 203.0.113.6 6881" }, entries);
        StringAssert.Contains(_log.Text, "gave back 2 entries");
    }

    [TestMethod]
    public async Task RunningTracker_WritesSnapshotsByItself()
    {
        await using TrackerServer first = await StartAsync();
        Assert.AreEqual("RESPONSE OK", await AskAsync(first, "REQUEST 4 test.txt 1 203.0.113.5"));
        await WaitAsync(() => first.Health.Description.Contains("last written", StringComparison.Ordinal) && new FileInfo(State).Length > 80);
        string copy = State + ".copy";   // what a killed tracker would leave
        File.Copy(State, copy);

        await using TrackerServer second = await StartAsync(state: copy);
        Assert.AreEqual("RESPONSE test.txt", await AskAsync(second, "REQUEST 7 test.txt"));
    }

    [TestMethod]
    [DataRow(40, "RESPONSE test.txt")]
    [DataRow(61, "RESPONSE Not Found")]
    public async Task StartAsync_Later_LeasesWentOnByTheCalendar(int minutes, string expected)
    {
        await using (TrackerServer first = await StartAsync()) await AskAsync(first, "REQUEST 4 test.txt 1 203.0.113.5");
        await using TrackerServer second = await StartAsync(new LaterCalendar(TimeSpan.FromMinutes(minutes)));
        Assert.AreEqual(expected, await AskAsync(second, "REQUEST 7 test.txt"));
    }

    [TestMethod]
    [DataRow("flipped", "a checksum is wrong")]
    [DataRow("cut", "it ends too early")]
    [DataRow("foreign", "it is no snapshot of a tracker")]
    [DataRow("newer", "another version of the tracker wrote it")]
    public async Task StartAsync_DamagedSnapshot_IsSetAsideAndTheTrackerStartsEmpty(string how, string reason)
    {
        await using (TrackerServer first = await StartAsync()) await AskAsync(first, "REQUEST 4 test.txt 1 203.0.113.5");
        byte[] file = await File.ReadAllBytesAsync(State, TestContext.CancellationToken);
        if (how == "flipped") file[60] ^= 4;
        else if (how == "cut") file = file[..^20];
        else if (how == "newer") file[8]++;
        else file = [.. "#!/bin/sh\nexec /usr/sbin/something else\n"u8];
        await File.WriteAllBytesAsync(State, file, TestContext.CancellationToken);

        await using TrackerServer second = await StartAsync();
        Assert.AreEqual("RESPONSE Not Found", await AskAsync(second, "REQUEST 7 test.txt"));
        StringAssert.Contains(_log.Text, reason);
        string aside = Directory.EnumerateFiles(_folder, "registry.state.damaged-*").Single();
        CollectionAssert.AreEqual(file, await File.ReadAllBytesAsync(aside, TestContext.CancellationToken));
        StringAssert.Contains(_log.Text, aside);
    }

    [TestMethod]
    public async Task StartAsync_StateOfARunningTracker_IsRefused()
    {
        await using TrackerServer first = await StartAsync();
        TrackerException e = await Assert.ThrowsExactlyAsync<TrackerException>(() => StartAsync());
        Assert.AreEqual(TrackerErrorReason.StateUnusable, e.Reason);
        StringAssert.Contains(e.Message, "another process");
    }

    [TestMethod]
    public async Task StartAsync_FolderMissing_SaysSo()
    {
        ArgumentException e = await Assert.ThrowsExactlyAsync<ArgumentException>(() => StartAsync(state: Path.Combine(_folder, "missing", "s")));
        StringAssert.Contains(e.Message, "does not exist");
    }

    [TestMethod]
    public async Task RunningTracker_DiskRefuses_SaysSoAndGoesOn()
    {
        await using TrackerServer server = await StartAsync();
        Directory.CreateDirectory(State + ".writing");   // nobody can open a folder for writing
        await WaitAsync(() => server.Health.Description.Contains("the last try failed", StringComparison.Ordinal));
        Assert.AreEqual("RESPONSE OK", await AskAsync(server, "REQUEST 4 test.txt 1 203.0.113.5"));
        Directory.Delete(State + ".writing");
        await WaitAsync(() => !server.Health.Description.Contains("failed", StringComparison.Ordinal));
        StringAssert.Contains(_log.Text, "Snapshots are written to");
    }

    private Task<TrackerServer> StartAsync(TimeProvider? time = null, string? state = null) => TrackerServer.StartAsync(
        new TrackerOptions
        {
            Listen = { new TransportAddress(IPAddress.Loopback, 0) },
            StatePath = state ?? State,
            StatePeriod = TimeSpan.FromSeconds(1),
            TimeProvider = time ?? TimeProvider.System,
            LoggerFactory = _log,
        },
        TestContext.CancellationToken);

    private async Task<string> AskAsync(TrackerServer server, string request)
    {
        using var client = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await client.SendAsync(Encoding.UTF8.GetBytes(request), server.ListenAddresses[0].ToIPEndPoint(), TestContext.CancellationToken);
        UdpReceiveResult result = await client.ReceiveAsync(TestContext.CancellationToken).AsTask().WaitAsync(Patience, TestContext.CancellationToken);
        return Encoding.UTF8.GetString(result.Buffer);
    }

    private async Task WaitAsync(Func<bool> condition)
    {
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var deadline = new CancellationTokenSource(Patience);
        while (!condition()) await ticks.WaitForNextTickAsync(deadline.Token);
    }

    private sealed class LaterCalendar(TimeSpan shift) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + shift;
    }

    private sealed class ListLog : ILoggerFactory, ILogger
    {
        private readonly StringBuilder _text = new();

        public string Text
        {
            get
            {
                lock (_text) return _text.ToString();
            }
        }

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_text) _text.AppendLine(formatter(state, exception));
        }
    }
}
