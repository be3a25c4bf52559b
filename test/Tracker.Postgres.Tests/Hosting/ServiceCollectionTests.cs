using System.Net;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CS3103P2P.Tracker.Postgres.Tests.Hosting;

[TestClass]
public sealed class ServiceCollectionTests
{
    public required TestContext TestContext { get; init; }

    [TestMethod]
    public async Task AddPostgresRegistry_InAHost_SharesTheRegistry()
    {
        string database = await SharedCluster.CreateDatabaseAsync();
        await using TestTracker other = await TestTracker.StartAsync(database);
        await other.AskAsync("REQUEST 4 f 1 10.0.0.1");
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddTracker(options => options.Listen.Add(new TransportAddress(IPAddress.Loopback, 0)));
        builder.Services.AddPostgresRegistry(options => options.ConnectionString = database);
        using IHost host = builder.Build();
        await host.StartAsync(TestContext.CancellationToken);
        TrackerServer server = host.Services.GetRequiredService<TrackerHost>().Server!;
        await TestTracker.AwaitAsync(server, "REQUEST 7 f", reply => reply == "RESPONSE f", TimeSpan.FromSeconds(20));
        Assert.IsTrue(server.Health.IsReady, server.Health.Description);
        await host.StopAsync(TestContext.CancellationToken);
    }
}
