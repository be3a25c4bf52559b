using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace CS3103P2P.NatLab.Tests;

[TestClass]
public sealed class CleanupTests
{
    private const int SigStop = 19;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [TestMethod]
    public async Task Dispose_WithAProgramRunning_LeavesNothing()
    {
        var net = await TestLab.CreateAsync();
        var home = await net.Lab.AddHomeAsync(NatKind.Cgnat, new HomeOptions { Link = new LinkConditions() });
        var program = home.Hosts[0].Start("sleep", "1000");
        int pid = program.Id;
        string run = home.Hosts[0].NamespaceName[..^NamespaceNames.NodeOf(home.Hosts[0].NamespaceName).Length];
        Assert.IsTrue(NamespaceNames.All().Any(name => name.StartsWith(run, StringComparison.Ordinal)));

        await net.DisposeAsync();

        Assert.IsFalse(NamespaceNames.All().Any(name => name.StartsWith(run, StringComparison.Ordinal)));
        await WaitUntilAsync(() => !IsRunning(pid), "the program survived its lab");
    }

    // A program begins outside the lab and then goes in: until then, looking for programs in the lab does not find it.
    [TestMethod]
    public async Task Dispose_WithProgramsStillOnTheirWayIn_EndsThem()
    {
        var net = await TestLab.CreateAsync();
        var home = await net.Lab.AddHomeAsync(NatKind.PortRestricted);
        var programs = new List<int>();
        for (int i = 0; i < 5; i++)
        {
            programs.Add(home.Hosts[0].Start("sleep", "1000").Id);
            Assert.AreEqual(0, Signal(programs[^1], SigStop));
        }

        await net.DisposeAsync();

        await WaitUntilAsync(() => !programs.Exists(IsRunning), "a program survived its lab");
    }

    [TestMethod]
    public async Task Create_AfterAnotherLabWasKilled_RemovesWhatItLeft()
    {
        TestLab.RequireLab();
        using var child = Process.Start(new ProcessStartInfo("dotnet", [typeof(Lab).Assembly.Location, "hold", "port-restricted:delay=5"])
        {
            RedirectStandardOutput = true,
        })!;
        Assert.AreEqual("ready", await child.StandardOutput.ReadLineAsync());
        string[] left = OwnedBy(child.Id);
        Assert.HasCount(4, left);
        string host = left.Single(name => NamespaceNames.NodeOf(name) == "h1a");
        using var orphan = Process.Start("ip", ["netns", "exec", host, "sleep", "1000"]);
        await WaitUntilAsync(() => NameOf(orphan) == "sleep", "the program did not start");

        child.Kill();
        await child.WaitForExitAsync();
        await using var lab = await Lab.CreateAsync();

        await WaitUntilAsync(() => OwnedBy(child.Id).Length == 0, "namespaces were left");
        await WaitUntilAsync(() => orphan.HasExited, "a program was left in a namespace that has no name any more");
    }

    [TestMethod]
    public async Task Create_BesideALivingLab_LeavesItAlone()
    {
        await using var net = await TestLab.CreateAsync();
        await using var second = await TestLab.CreateAsync();
        var home = await net.Lab.AddHomeAsync(NatKind.PortRestricted);
        var twin = await second.Lab.AddHomeAsync(NatKind.PortRestricted);
        using var socket = Prober.Open(home.Hosts[0]);
        using var twinSocket = Prober.Open(twin.Hosts[0]);

        Assert.AreEqual(home.PublicAddress, twin.PublicAddress, "labs are separate worlds with the same addresses");
        Assert.IsNotNull(await Prober.MapAsync(socket, net.Echo.Primary));
        Assert.IsNotNull(await Prober.MapAsync(twinSocket, second.Echo.Primary));
    }

    private static string[] OwnedBy(int pid) =>
        [.. NamespaceNames.All().Where(name => NamespaceNames.TryGetOwner(name, out int owner) && owner == pid)];

    private static bool IsRunning(int pid) => NamespaceNames.StartTime(pid) is not null;

    private static string NameOf(Process program) => File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{program.Id}/comm")).Trim();

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int pid, int signal);

    private static async Task WaitUntilAsync(Func<bool> condition, string otherwise)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.IsLessThan(Patience, Stopwatch.GetElapsedTime(start), otherwise);
            await timer.WaitForNextTickAsync();
        }
    }
}
