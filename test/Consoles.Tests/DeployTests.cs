using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace CS3103P2P.Consoles.Tests;

/// <summary>What stands in <c>deploy/</c> fits the program: names of metrics in alerts and handbook, the settings, the systemd unit.</summary>
[TestClass]
public sealed partial class DeployTests
{
    public required TestContext TestContext { get; init; }

    [TestMethod]
    public async Task AlertsAndHandbook_EveryMetricTheyName_IsExportedWithItsLabels()
    {
        using var workspace = new Workspace();
        await using ConsoleProcess tracker = ConsoleProcess.Tracker(
            workspace.Folder("t"), "--config", Deployed("tracker.json"), "--listen", "127.0.0.1:0", "--stun", "127.0.0.1:0", "--http", "0", "--state", "registry.state");
        string line = await tracker.WaitForLineAsync("http: ");
        string listens = await tracker.WaitForLineAsync("tracker: ");
        using (var client = new UdpClient())   // a histogram shows nothing before its first value
        {
            await client.SendAsync("REQUEST 6"u8.ToArray(), IPEndPoint.Parse(listens["tracker: ".Length..]), TestContext.CancellationToken);
            await client.ReceiveAsync(TestContext.CancellationToken);
        }

        using var http = new HttpClient { BaseAddress = new Uri(line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..]) };
        string metrics = await http.GetStringAsync("/metrics", TestContext.CancellationToken);
        var exported = Exported().Matches(metrics).Select(match => match.Value).ToHashSet(StringComparer.Ordinal);

        string alerts = await File.ReadAllTextAsync(Deployed("alerts.yml"), TestContext.CancellationToken);
        string[] expressions = [.. alerts.Split('\n').Where(text => text.TrimStart().StartsWith("expr:", StringComparison.Ordinal))];
        string[] inAlerts = [.. expressions.SelectMany(text => Named().Matches(text)).Select(match => match.Value)];
        string handbook = await File.ReadAllTextAsync(Path.Combine(ConsoleProcess.RepositoryRoot, "docs", "operations.md"), TestContext.CancellationToken);
        string[] inHandbook = [.. Named().Matches(handbook.Replace("`..._", "`cs3103p2p_tracker_", StringComparison.Ordinal)).Select(match => match.Value)];

        Assert.IsGreaterThan(6, expressions.Length);
        Assert.IsGreaterThan(15, inHandbook.Length);
        string[] unknown = [.. inAlerts.Concat(inHandbook).Distinct().Where(name => !exported.Contains(name) && !exported.Contains($"{name}_bucket"))];
        Assert.IsEmpty(unknown, $"{string.Join(' ', unknown)} in\n{metrics}");
        string[] undocumented = [.. exported.Where(name => !inHandbook.Any(known => name.StartsWith(known, StringComparison.Ordinal)))];
        Assert.IsEmpty(undocumented, string.Join(' ', undocumented));
        foreach (Match label in Label().Matches(string.Join('\n', expressions))) Assert.Contains(label.Value, metrics);
    }

    [TestMethod]
    public async Task Alerts_CheckedByPromtool_AreInOrder()
    {
        if (!IsInstalled("promtool")) Assert.Inconclusive("promtool is not installed.");
        await MustBeSilentAsync("promtool", "check", "rules", "--lint-fatal", Deployed("alerts.yml"));
    }

    [TestMethod]
    public async Task Unit_CheckedBySystemdAnalyze_IsInOrder()
    {
        if (!IsInstalled("systemd-analyze")) Assert.Inconclusive("systemd-analyze is not installed.");
        using var workspace = new Workspace();
        string unit = await File.ReadAllTextAsync(Deployed("p2p-tracker.service"), TestContext.CancellationToken);
        string installed = unit.Replace("/opt/p2p-tracker/p2p-tracker ", "/bin/true ", StringComparison.Ordinal);   // the program need not be installed here
        Assert.AreNotEqual(unit, installed);
        string copy = Path.Combine(workspace.Folder("unit"), "p2p-tracker.service");
        await File.WriteAllTextAsync(copy, installed, TestContext.CancellationToken);
        await MustBeSilentAsync("systemd-analyze", "verify", "--man=no", copy);
    }

    private static string Deployed(string file) => Path.Combine(ConsoleProcess.RepositoryRoot, "deploy", file);

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    private async Task MustBeSilentAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.CancellationToken);
        await process.WaitForExitAsync(TestContext.CancellationToken);
        string said = await errors;
        Assert.AreEqual(0, process.ExitCode, output + said);
        if (program != "promtool") Assert.AreEqual(string.Empty, said);
    }

    [GeneratedRegex("cs3103p2p_[a-z_]*[a-z]")]
    private static partial Regex Named();

    [GeneratedRegex("^cs3103p2p_[a-z_]+", RegexOptions.Multiline)]
    private static partial Regex Exported();

    [GeneratedRegex("""(?<=cs3103p2p_[a-z_]+\{)[a-z]+="[^"]+"(?=\})""")]
    private static partial Regex Label();
}
