using System.Diagnostics;
using System.Text.Json;

namespace CS3103P2P.NatLab.Tests;

/// <summary>What <c>p2p-peer nat --json</c> says behind every kind of NAT, with the real tracker on two addresses as the STUN server (RFC 5780).</summary>
[TestClass]
[DoNotParallelize]
public sealed class DiagnosisTests
{
    private const string Independent = "endpoint-independent";
    private const string ByAddress = "address-dependent";
    private const string ByPort = "address-and-port-dependent";
    private const int AtATime = 8;   // they mostly wait

    private static readonly HomeOptions Plain = new();
    private static readonly HomeOptions Hairpin = new() { Hairpin = true };
    private static readonly HomeOptions Preserving = new() { Ports = PortAllocation.Preserve };

    public required TestContext TestContext { get; set; }

    [TestMethod]
    [Timeout(90_000, CooperativeCancellation = true)]
    public async Task Nat_BehindEveryKind_TellsWhatTheKindDoes()
    {
        (NatKind Kind, HomeOptions Options, string Expected)[] homes =
        [
            (NatKind.FullCone, Plain, $"full-cone {Independent} {Independent} changed fails"),
            (NatKind.FullCone, Preserving, $"full-cone {Independent} {Independent} preserved fails"),
            (NatKind.RestrictedCone, Hairpin, $"restricted-cone {Independent} {ByAddress} changed works"),
            (NatKind.PortRestricted, Plain, $"port-restricted {Independent} {ByPort} changed fails"),
            (NatKind.PortRestricted, Hairpin, $"port-restricted {Independent} {ByPort} changed works"),
            (NatKind.Linux, Plain, $"port-restricted {Independent} {ByPort} preserved fails"),
            (NatKind.Linux, Hairpin, $"port-restricted {Independent} {ByPort} preserved works"),
            (NatKind.Symmetric, Hairpin, $"symmetric {ByPort} {ByPort} changed fails"),
            (NatKind.SymmetricAddress, Plain, $"symmetric {ByAddress} {ByPort} changed fails"),
            (NatKind.SymmetricSequential, Plain, $"symmetric-sequential {ByPort} {ByPort} changed fails"),
            (NatKind.Cgnat, Plain, $"port-restricted {Independent} {ByPort} changed fails"),
            (NatKind.Cgnat, Hairpin, $"port-restricted {Independent} {ByPort} changed works"),
            (NatKind.CgnatSymmetric, Plain, $"symmetric {ByPort} {ByPort} changed fails"),
            (NatKind.Firewalled, Plain, $"firewalled none {ByPort} not-applicable not-applicable"),
            (NatKind.None, Plain, $"public none {Independent} not-applicable not-applicable"),
            (NatKind.UdpBlocked, Plain, "udp-blocked unknown unknown unknown unknown"),
        ];
        await using ConsoleLab consoles = await StartAsync();
        List<(Home Home, string Name, string Expected)> built = [];
        foreach ((NatKind kind, HomeOptions options, string expected) in homes) built.Add((await consoles.Lab.AddHomeAsync(kind, options), $"{kind} {options}", expected));
        string[] wrong = new string[built.Count];
        var limit = new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = TestContext.CancellationToken };
        await Parallel.ForAsync(0, built.Count, limit, async (i, token) =>
        {
            (Home home, string name, string expected) = built[i];
            JsonElement report = await DiagnoseAsync(consoles, home, token);
            string found = string.Join(' ', new[] { "kind", "mapping", "filtering", "ports", "hairpin" }.Select(field => report.GetProperty(field).GetString()));
            bool isBlocked = home.Kind == NatKind.UdpBlocked;
            bool agrees = found == expected && report.GetProperty("udpBlocked").GetBoolean() == isBlocked && IsSeenAt(report, isBlocked ? null : home);
            wrong[i] = agrees ? string.Empty : $"{name}\nexpected {expected}\nfound    {report}\n";
        });

        Assert.AreEqual(string.Empty, string.Concat(wrong));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Nat_Lifetime_IsThatOfTheRoutersFlowsAndWordsSayWhatToExpect()
    {
        await using ConsoleLab consoles = await StartAsync();
        var timeouts = new HomeOptions { UdpTimeout = TimeSpan.FromSeconds(3), UdpStreamTimeout = TimeSpan.FromSeconds(9) };
        Home timed = await consoles.Lab.AddHomeAsync(NatKind.Linux, timeouts);
        Home told = await consoles.Lab.AddHomeAsync(NatKind.Symmetric);
        Task<JsonElement> measuring = DiagnoseAsync(consoles, timed, TestContext.CancellationToken, "--lifetime", "5");

        using Process peer = told.Hosts[0].Start("dotnet", "exec", MatrixPrograms.Find("Peer", "p2p-peer"), "nat", "--stun", $"{consoles.Server!.Addresses[0]}:3478");
        string text = await peer.StandardOutput.ReadToEndAsync(TestContext.CancellationToken);
        await peer.WaitForExitAsync(TestContext.CancellationToken);
        JsonElement report = await measuring;

        Assert.AreEqual(0, peer.ExitCode, text);
        Assert.Contains("symmetric: a random port for each destination", text);
        Assert.MatchesRegex(@"full-cone +direct\n", text);
        Assert.MatchesRegex(@"port-restricted +direct after guessing ports", text);
        Assert.MatchesRegex(@"  symmetric +relay", text);
        double atLeast = report.GetProperty("lifetimeAtLeast").GetDouble(), below = report.GetProperty("lifetimeBelow").GetDouble();
        Assert.IsInRange(2.0, 3.5, atLeast, $"{report}");
        Assert.IsInRange(atLeast, atLeast + 1, below, $"{report}");
        Assert.IsInRange(2.75, 4.0, below, $"{report}");
    }

    private static bool IsSeenAt(JsonElement report, Home? home) => home is null
        ? report.GetProperty("publicAddress").ValueKind == JsonValueKind.Null
        : report.GetProperty("publicAddress").GetString()!.StartsWith($"{home.PublicAddress}:", StringComparison.Ordinal);

    private static async Task<JsonElement> DiagnoseAsync(ConsoleLab consoles, Home home, CancellationToken cancellationToken, params string[] arguments)
    {
        Process peer = consoles.StartPeer(home.Hosts[0], $"nat-{home.Hosts[0].Name}", ["nat", .. arguments]);
        string? line = await MatrixPrograms.WaitForEventAsync(peer, "nat", cancellationToken);
        Assert.IsNotNull(line, $"{home.Kind}: the program said nothing.");
        return JsonDocument.Parse(line).RootElement.Clone();
    }

    // The consoles are run as they are shipped; `./test.sh` has built them.
    private static async Task<ConsoleLab> StartAsync()
    {
        TestLab.RequireLab();
        if (!ConsoleLab.IsBuilt) Assert.Inconclusive("The consoles are not built.");
        ConsoleLab consoles = await ConsoleLab.CreateAsync();
        try
        {
            await consoles.StartTrackerAsync(withRelay: false);
            return consoles;
        }
        catch
        {
            await consoles.DisposeAsync();
            throw;
        }
    }
}
