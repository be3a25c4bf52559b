using System.Net;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CS3103P2P.Tracker.Tests.Hosting;

[TestClass]
public sealed class TrackerHostTests
{
    public required TestContext TestContext { get; init; }

    [TestMethod]
    public async Task AddTracker_ApplicationStartsAndStops_TrackerToo()
    {
        await using ServiceProvider services = new ServiceCollection().AddTracker(o => o.Listen.Add(new TransportAddress(IPAddress.Loopback, 0))).BuildServiceProvider();
        IHostedService hosted = services.GetServices<IHostedService>().Single();
        await hosted.StartAsync(TestContext.CancellationToken);
        TrackerHost host = services.GetRequiredService<TrackerHost>();
        Assert.AreNotEqual(0, host.Server!.ListenAddresses[0].Port);
        await hosted.StopAsync(TestContext.CancellationToken);
        Assert.IsNull(host.Server);
    }

    [TestMethod]
    public async Task AddTracker_OptionOutOfRange_FailsAtStart()
    {
        await using ServiceProvider services = new ServiceCollection().AddTracker(o => o.MaxEntries = 0).BuildServiceProvider();
        IHostedService hosted = services.GetServices<IHostedService>().Single();
        await Assert.ThrowsExactlyAsync<OptionsValidationException>(() => hosted.StartAsync(TestContext.CancellationToken));
    }
}
