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
        await agent.WaitForLineAsync("found name=Kitchen");
        LabProgram browse = lab.StartTool("avahi-browse", "--resolve", "--parsable", Service);
        StringAssert.Contains(await browse.WaitForLineAsync($";{AvahiLab.OurAddress};6881;"), @"Kitchen\032\0402\041");
    }

    [TestMethod]
    public async Task StartAsync_BesideAvahiOnOneHost_BothAreSeenFromOutside()
    {
        await using AvahiLab lab = await AvahiLab.StartAsync();
        LabProgram beside = lab.StartAgent(AvahiLab.Avahi, "Beside", 6882);
        LabProgram publish = lab.StartTool("avahi-publish-service", "Avahi Peer", Service, "7000", "txtvers=1", "v=1", "id=" + ForeignId);
        LabProgram outside = lab.StartAgent(AvahiLab.Ours, "Outside", 6881);
        await outside.WaitForLineAsync("found name=Avahi Peer");
        await outside.WaitForLineAsync("found name=Beside");
        await beside.WaitForLineAsync("found name=Outside");
        await beside.WaitForLineAsync("found name=Avahi Peer");
        await publish.DisposeAsync();
    }
}
