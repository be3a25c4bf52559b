using CS3103P2P.Interop.Support;

namespace CS3103P2P.Interop.Mdns;

/// <summary>Discovery on the local network with avahi at the other end of the cable, and beside us on one host.</summary>
[TestClass]
public sealed class MdnsAvahiTests
{
    private const string Service = "_cs3103p2p._udp";
    private static readonly string ForeignId = string.Concat(Enumerable.Repeat("ab", 32));

    [TestMethod]
    public async Task StartAsync_AvahiBrowses_SeesUsUntilWeLeave()
    {
        await using AvahiLab lab = await AvahiLab.StartAsync();
        LabProgram agent = lab.StartAgent(AvahiLab.Ours, "Küche", 6881);
        string started = await agent.WaitForLineAsync("started active=True");
        LabProgram browse = lab.StartTool("avahi-browse", "--resolve", "--parsable", Service);
        string resolved = await browse.WaitForLineAsync($";{AvahiLab.OurAddress};6881;");
        StringAssert.Contains(resolved, @"K\195\188che;" + Service);
        StringAssert.Contains(resolved, started.Split(' ').Single(word => word.StartsWith("id=", StringComparison.Ordinal)));
        StringAssert.Contains(resolved, "v=1");

        agent.CloseInput();
        await agent.WaitForExitAsync();
        await browse.WaitForLineAsync("-;eth0;", TimeSpan.FromSeconds(10));
        Assert.DoesNotContain("invalid", lab.DaemonLog, "avahi found all our messages well-formed");
    }

    [TestMethod]
    public async Task StartAsync_AvahiPublishes_WeSeeItUntilItLeaves()
    {
        await using AvahiLab lab = await AvahiLab.StartAsync();
        LabProgram agent = lab.StartAgent(AvahiLab.Ours, "Kitchen", 6881);
        await agent.WaitForLineAsync("started active=True");
        LabProgram publish = lab.StartTool("avahi-publish-service", "Avahi Peer", Service, "7000", "txtvers=1", "v=1", "id=" + ForeignId);
        string found = await agent.WaitForLineAsync("found name=Avahi Peer");
        StringAssert.Contains(found, $"id={ForeignId} version=1");
        await agent.WaitForLineAsync($"{AvahiLab.AvahiAddress}:7000");
        await publish.DisposeAsync();
        await agent.WaitForLineAsync("lost name=Avahi Peer", TimeSpan.FromSeconds(10));
    }

    [TestMethod]
    public async Task StartAsync_AvahiHasTheName_WeTakeAnother()
    {
        await using AvahiLab lab = await AvahiLab.StartAsync();
        LabProgram publish = lab.StartTool("avahi-publish-service", "Kitchen", Service, "7000", "txtvers=1", "v=1", "id=" + ForeignId);
        await publish.WaitForLineAsync("Established under name 'Kitchen'");
        LabProgram agent = lab.StartAgent(AvahiLab.Ours, "Kitchen", 6881);
        await agent.WaitForLineAsync($"{AvahiLab.AvahiAddress}:7000");

        // A busy machine answers our probes too late: both have the name for a moment, then one or both give way (RFC 6762 §9). avahi goes on
        // listing its own old name from its cache, so what counts is that no name stands for both.
        string listed = "";
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!deadline.IsCancellationRequested)
        {
            await using LabProgram browse = lab.StartTool("avahi-browse", "--resolve", "--parsable", "--terminate", Service);
            await browse.WaitForExitAsync();
            listed = browse.Output;
            string[] ours = NamesAt(listed, 6881), theirs = NamesAt(listed, 7000);
            if (ours.Length > 0 && theirs.Length > 0 && !ours.Intersect(theirs).Any()) return;
        }

        Assert.Fail($"The two did not end with two names.\n{listed}\n{agent.Output}\n{publish.Output}");
    }

    [TestMethod]
    public async Task StartAsync_BesideAvahiOnOneHost_BothAreSeenFromOutside()
    {
        await using AvahiLab lab = await AvahiLab.StartAsync();
        LabProgram beside = lab.StartAgent(AvahiLab.Avahi, "Beside", 6882);
        LabProgram publish = lab.StartTool("avahi-publish-service", "Avahi Peer", Service, "7000", "txtvers=1", "v=1", "id=" + ForeignId);
        LabProgram outside = lab.StartAgent(AvahiLab.Ours, "Outside", 6881);
        await outside.WaitForLineAsync("found name=Avahi Peer", others: beside);
        await outside.WaitForLineAsync("found name=Beside", others: beside);
        await beside.WaitForLineAsync("found name=Outside", others: outside);
        await beside.WaitForLineAsync("found name=Avahi Peer", others: outside);
        await publish.DisposeAsync();
    }

    // A resolved line is =;interface;protocol;name;type;domain;host;address;port;text, with whichever address of the host came first.
    private static string[] NamesAt(string listed, int port) =>
        [.. listed.Split('\n').Where(line => line.StartsWith('=') && line.Contains($";{port};", StringComparison.Ordinal)).Select(line => line.Split(';')[3]).Distinct()];
}
