using System.Net;
using CS3103P2P.Protocol;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Tracker.Postgres.Tests;

/// <summary>One of several trackers on a database.</summary>
internal sealed class TestTracker : IAsyncDisposable
{
    private TestTracker(TrackerServer server, PostgresRegistry registry) => (Server, Registry) = (server, registry);

    public TrackerServer Server { get; }

    public PostgresRegistry Registry { get; }

    public TransportAddress Address => Server.ListenAddresses[0];

    public static async Task<TestTracker> StartAsync(
        string database,
        Action<PostgresRegistryOptions>? configure = null,
        Func<PostgresRegistryOptions, PostgresRegistry>? create = null,
        ILoggerFactory? loggers = null)
    {
        var settings = new PostgresRegistryOptions { ConnectionString = database };
        configure?.Invoke(settings);
        PostgresRegistry registry = create?.Invoke(settings) ?? new PostgresRegistry(settings);
        var options = new TrackerOptions { Replication = registry, DefaultLease = TimeSpan.FromSeconds(10), MinLease = TimeSpan.FromSeconds(1) };
        if (loggers is not null) options.LoggerFactory = loggers;
        options.Listen.Add(new TransportAddress(IPAddress.Loopback, 0));
        return new TestTracker(await TrackerServer.StartAsync(options), registry);
    }

    /// <summary>Asks as an old program does, from a port of its own.</summary>
    public async Task<string> AskAsync(string request)
    {
        using var peer = new TestPeer();
        return await peer.SendAsync(Address, request);
    }

    /// <summary>Asks until the reply is as expected.</summary>
    /// <returns>How long that took.</returns>
    public Task<TimeSpan> AwaitAsync(string request, Func<string, bool> isExpected, TimeSpan patience) => AwaitAsync(Server, request, isExpected, patience);

    public Task<TimeSpan> AwaitAsync(string request, string reply, TimeSpan patience) => AwaitAsync(request, got => got == reply, patience);

    /// <summary>Asks any tracker until the reply is as expected.</summary>
    public static async Task<TimeSpan> AwaitAsync(TrackerServer server, string request, Func<string, bool> isExpected, TimeSpan patience)
    {
        long start = TimeProvider.System.GetTimestamp();
        using var peer = new TestPeer();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            string reply = await peer.SendAsync(server.ListenAddresses[0], request);
            TimeSpan taken = TimeProvider.System.GetElapsedTime(start);
            if (isExpected(reply)) return taken;
            Assert.IsLessThan(patience, taken, $"{request}: still {reply} after {taken}; {server.Health}");
            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>Waits until the tracker says that it is, or is not, in step with the database.</summary>
    public async Task AwaitHealthAsync(bool isReady, TimeSpan patience)
    {
        long start = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (Server.Health.IsReady != isReady)
        {
            Assert.IsLessThan(patience, TimeProvider.System.GetElapsedTime(start), $"{Server.Health}");
            await timer.WaitForNextTickAsync();
        }
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
