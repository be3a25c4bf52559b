using System.Diagnostics;
using System.Text.Json;

namespace CS3103P2P.NatLab.Tests;

/// <summary>Two homes that cannot reach each other: the real consoles say why, on both sides, while they go on trying.</summary>
[TestClass]
public sealed class ConnectFailureTests
{
    private const string BothNats = "its NAT (a port for each destination) and ours (a port for each destination)";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [TestMethod]
    [DataRow(false, "relay-absent", "there is no relay")]
    [DataRow(true, "relay-refused", "the relay refused")]
    public async Task Get_BothHomesSymmetric_SaysWhyThereIsNoWay(bool hasStrangeRelay, string reason, string words)
    {
        TestLab.RequireLab();
        if (!ConsoleLab.IsBuilt) Assert.Inconclusive("The consoles are not built.");
        await using ConsoleLab lab = await ConsoleLab.CreateAsync();
        await lab.StartTrackerAsync(withRelay: false);
        string[] relay = hasStrangeRelay ? ["--relay", await lab.StartStrangeRelayAsync()] : [];
        LabHost sharer = (await lab.Lab.AddHomeAsync(NatKind.Symmetric)).Hosts[0];
        LabHost downloader = (await lab.Lab.AddHomeAsync(NatKind.Symmetric)).Hosts[0];
        string source = Path.Combine(lab.Folder, "far.bin");
        MatrixPrograms.WriteFile(source, 1);
        Process share = lab.StartPeer(sharer, "share", ["share", source, .. relay]);
        string sharing = await WaitAsync(share, "sharing");
        var clock = Stopwatch.StartNew();

        Process get = lab.StartPeer(downloader, "get", ["get", "far.bin", "-o", source + ".got", .. relay]);
        string atGet = await WaitAsync(get, "connect-failed");

        Console.WriteLine($"{clock.Elapsed.TotalSeconds:F1} s: {atGet}");
        AssertSays(atGet, reason, words, isAskedByPeer: false);
        Assert.AreEqual(Field(sharing, "peer"), Field(atGet, "peer"));
        if (hasStrangeRelay) return;   // the sharer, who waits for another 10 s in case that we begin anew, would say the same
        string atShare = await WaitAsync(share, "connect-failed");
        Console.WriteLine($"{clock.Elapsed.TotalSeconds:F1} s: {atShare}");
        AssertSays(atShare, reason, words, isAskedByPeer: true);
    }

    private static void AssertSays(string line, string reason, string words, bool isAskedByPeer)
    {
        Assert.AreEqual(reason, Field(line, "reason"), line);
        Assert.Contains(words, Field(line, "message")!);
        Assert.Contains(BothNats, Field(line, "message")!);
        Assert.AreEqual("symmetric", Field(line, "localNat"), line);
        Assert.AreEqual("symmetric", Field(line, "remoteNat"), line);
        Assert.AreEqual(isAskedByPeer.ToString(), Field(line, "askedByPeer"), line);
    }

    private static string? Field(string line, string name)
    {
        using JsonDocument json = JsonDocument.Parse(line);
        return json.RootElement.GetProperty(name).ToString();
    }

    private static async Task<string> WaitAsync(Process program, string name)
    {
        using var limit = new CancellationTokenSource(Patience);
        string? line = await MatrixPrograms.WaitForEventAsync(program, name, limit.Token);
        Assert.IsNotNull(line, $"The program ended without {name}.");
        return line;
    }
}
