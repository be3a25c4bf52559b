using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace CS3103P2P.Consoles.Tests;

/// <summary>What an operator sees of the tracker's console, and does with it.</summary>
[TestClass]
public sealed class TrackerOperationTests
{
    public required TestContext TestContext { get; init; }

    [TestMethod]
    public async Task Http_OfARunningTracker_TellsMetricsHealthAndSummary()
    {
        using var workspace = new Workspace();
        await using ConsoleProcess tracker = ConsoleProcess.Tracker(workspace.Folder("t"), "--listen", "127.0.0.1:0", "--stun", "127.0.0.1:0", "--http", "0");
        string tracked = Address(await tracker.WaitForLineAsync("tracker: "));
        using var http = new HttpClient { BaseAddress = new Uri(Address(await tracker.WaitForLineAsync("http: "))) };
        using (var client = new UdpClient())
        {
            await client.SendAsync("REQUEST 4 f 1 127.0.0.1"u8.ToArray(), IPEndPoint.Parse(tracked), TestContext.CancellationToken);
            await client.ReceiveAsync(TestContext.CancellationToken);
        }

        string metrics = await http.GetStringAsync("/metrics", TestContext.CancellationToken);
        string[] lines = metrics.Split('\n');
        Assert.Contains("cs3103p2p_tracker_requests_total{kind=\"4\"} 1", lines, metrics);
        Assert.Contains("cs3103p2p_tracker_entries 1", lines, metrics);
        Assert.Contains("cs3103p2p_tracker_batch_duration_seconds_bucket{le=\"+Inf\"} 1", lines, metrics);
        Assert.IsTrue(lines.All(line => line.Length == 0 || line[0] == '#' || line.Split(' ').Length == 2), metrics);
        Assert.AreEqual("alive\n", await http.GetStringAsync("/healthz", TestContext.CancellationToken));
        Assert.StartsWith("ready: ", await http.GetStringAsync("/readyz", TestContext.CancellationToken));
        JsonElement summary = JsonDocument.Parse(await http.GetStringAsync("/summary", TestContext.CancellationToken)).RootElement;
        Assert.AreEqual(1, summary.GetProperty("entries").GetInt32());
        Assert.AreEqual(tracked, summary.GetProperty("listen")[0].GetString());
        Assert.AreEqual(HttpStatusCode.NotFound, (await http.GetAsync("/other", TestContext.CancellationToken)).StatusCode);
        Assert.AreEqual(HttpStatusCode.MethodNotAllowed, (await http.PostAsync("/summary", null, TestContext.CancellationToken)).StatusCode);
    }

    [TestMethod]
    public async Task Config_ChangedWhileRunning_ChangesTheLimits_AndWrongOnesNothing()
    {
        using var workspace = new Workspace();
        string folder = workspace.Folder("t");
        string config = Path.Combine(folder, "tracker.json");
        await File.WriteAllTextAsync(config, """{ "listen": ["127.0.0.1:0"], "limits": { "entries": 1000 } }""", TestContext.CancellationToken);
        await using ConsoleProcess tracker = ConsoleProcess.Tracker(folder, "--config", config, "--set", "limits:files=77");
        await tracker.WaitForLineAsync("tracker: ");
        await File.WriteAllTextAsync(config, """{ "listen": ["127.0.0.1:0"], "limits": { "entries": 2000 } }""", TestContext.CancellationToken);
        Assert.Contains("77 files, 2000 entries", await tracker.WaitForLineAsync("The limits are now"));
        await File.WriteAllTextAsync(config, """{ "listen": ["127.0.0.1:0"], "limits": { "entries": -1 } }""", TestContext.CancellationToken);
        string rejected = await tracker.WaitForLineAsync("the old ones stay");
        Assert.Contains($"limits:entries is '-1' in {config}: it must be a whole number from 1 to 50,000,000", rejected);
        tracker.Terminate();
        Assert.AreEqual(0, await tracker.WaitForExitAsync(), tracker.Transcript());
    }

    [TestMethod]
    public async Task Otlp_Collector_GetsMetrics()
    {
        using var workspace = new Workspace();
        int port = Workspace.FreeUdpPort();
        using var collector = new HttpListener();
        collector.Prefixes.Add($"http://127.0.0.1:{port}/");
        collector.Start();
        await using ConsoleProcess tracker = ConsoleProcess.Tracker(workspace.Folder("t"), "--listen", "127.0.0.1:0", "--otlp", $"http://127.0.0.1:{port}/v1/metrics");
        await tracker.WaitForLineAsync("tracker: ");
        Task<HttpListenerContext> arriving = collector.GetContextAsync();
        tracker.Terminate();   // what is left is sent at the end
        HttpListenerContext context = await arriving.WaitAsync(TimeSpan.FromSeconds(20), TestContext.CancellationToken);
        using var body = new MemoryStream();
        await context.Request.InputStream.CopyToAsync(body, TestContext.CancellationToken);
        context.Response.Close();
        Assert.AreEqual("/v1/metrics", context.Request.Url!.AbsolutePath);
        Assert.AreEqual("application/x-protobuf", context.Request.ContentType);
        Assert.Contains("cs3103p2p.tracker.entries", System.Text.Encoding.Latin1.GetString(body.ToArray()));
        Task<int> ending = tracker.WaitForExitAsync();
        Task<HttpListenerContext> last = collector.GetContextAsync();   // what changed while it stopped
        if (await Task.WhenAny(ending, last) == last) (await last).Response.Close();
        Assert.AreEqual(0, await ending, tracker.Transcript());
    }

    private static string Address(string line) => line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..];
}
