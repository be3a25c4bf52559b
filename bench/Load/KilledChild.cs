using System.Diagnostics;
using CS3103P2P.Tracker;
using CS3103P2P.Tracker.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace CS3103P2P.Bench.Load;

/// <summary>A tracker that keeps its registry on the disk and will be killed, and one that fills it before.</summary>
internal static class KilledChild
{
    private const int LeaseSeconds = 3_600;

    /// <summary>Fills a registry, saves it, and ends.</summary>
    public static async Task PrepareAsync(int files, int peersPerFile, string path)
    {
        var fill = new RegistryFill(files, peersPerFile, LeaseSeconds);
        TrackerOptions options = TrackerChild.CreateOptions(fill);
        await using TrackerServer server = await TrackerServer.StartAsync(options);
        await using SnapshotKeeper keeper = await SnapshotKeeper.LoadAsync(path, options.StatePeriod, fill.Door!, NullLogger.Instance, CancellationToken.None);
        keeper.Start();
    }

    /// <summary>Begins with what is on the disk and keeps it as the console does, until it is killed.</summary>
    public static async Task ServeAsync(string path)
    {
        TrackerOptions options = TrackerChild.CreateOptions(new RegistryFill(0, 0, LeaseSeconds));
        options.Replication = null;
        options.StatePath = path;
        long started = Stopwatch.GetTimestamp();
        await using TrackerServer server = await TrackerServer.StartAsync(options);
        Children.Print("seconds", $"{Stopwatch.GetElapsedTime(started).TotalSeconds}");
        Children.Print("entries", $"{server.GetStatistics().Entries}");
        Children.Print("port", $"{server.ListenAddresses[0].Port}");
        await Children.UntilToldAsync();
    }
}
